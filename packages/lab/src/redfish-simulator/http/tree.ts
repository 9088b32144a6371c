// Finds the route of a path: one tree for all services of a model.
import type { Parameters, Route } from '../types.ts';

interface Branch {
  readonly fixed: Map<string, Branch>;
  /** The segment that stands for any text, and its name. */
  any: { readonly name: string; readonly branch: Branch } | undefined;
  route: Route | undefined;
}

export interface Found {
  readonly route: Route;
  readonly parameters: Parameters;
}

export interface Tree {
  find(path: string): Found | undefined;
}

const branch = (): Branch => ({ fixed: new Map(), any: undefined, route: undefined });
const segmentsOf = (path: string) => path.split('/').filter((segment) => segment !== '');

function put(root: Branch, route: Route, keyOf: (segment: string) => string): void {
  let at = root;
  for (const segment of segmentsOf(route.path)) {
    const name = /^\{(.+)\}$/.exec(segment)?.[1];
    if (name === undefined) {
      const next = at.fixed.get(keyOf(segment)) ?? branch();
      at.fixed.set(keyOf(segment), next);
      at = next;
    } else {
      at.any ??= { name, branch: branch() };
      if (at.any.name !== name) throw new Error(`${route.path}: the segment is called {${at.any.name}} elsewhere`);
      at = at.any.branch;
    }
  }
  if (at.route !== undefined) throw new Error(`${route.path}: there are two routes`);
  at.route = route;
}

/** Makes the tree of routes, which may take paths in upper and lower case alike. Throws when two are for the same path. */
export function treeOf(routes: readonly Route[], ignoresCase = false): Tree {
  const root = branch();
  const keyOf = (segment: string) => (ignoresCase ? segment.toLowerCase() : segment);
  for (const route of routes) put(root, route, keyOf);
  return {
    find(path) {
      const parameters: Record<string, string> = {};
      let at = root;
      for (const segment of segmentsOf(path)) {
        const fixed = at.fixed.get(keyOf(segment));
        if (fixed !== undefined) {
          at = fixed;
        } else if (at.any !== undefined) {
          parameters[at.any.name] = segment;
          at = at.any.branch;
        } else {
          return undefined;
        }
      }
      return at.route === undefined ? undefined : { route: at.route, parameters };
    },
  };
}
