// The check language of oslo.policy: text such as "role:admin and project_id:%(node.owner)s" becomes a check that can be asked.

/** A parsed check. */
export type Check =
  | { readonly kind: 'always' }
  | { readonly kind: 'never' }
  | { readonly kind: 'not'; readonly of: Check }
  | { readonly kind: 'and' | 'or'; readonly of: readonly Check[] }
  | { readonly kind: 'role' | 'rule'; readonly name: string }
  /** `left:right`: an attribute of the caller (or a literal) equals a text, in which %(x)s are attributes of the target. */
  | { readonly kind: 'equal'; readonly left: string; readonly right: string };

/** Text that is no check; `message` says what stands where. */
export class CheckSyntaxError extends Error {}

type Token = { readonly text: string; readonly at: number };

const TOKEN = /\(|\)|(?:'[^']*'|"[^"]*"|%\([^)]*\)s|[^\s()'"]|['"])+/g;

function tokensOf(text: string): Token[] {
  return [...text.matchAll(TOKEN)].map((match) => ({ text: match[0], at: match.index }));
}

/**
 * Reads a check. Empty text always holds; `and` binds closer than `or`, `not` closest.
 * @throws CheckSyntaxError
 */
export function parseCheck(text: string): Check {
  const tokens = tokensOf(text);
  if (tokens.length === 0) {
    return { kind: 'always' };
  }
  let next = 0;

  const fail = (wanted: string): never => {
    const token = tokens[next];
    const place = token === undefined ? 'at its end' : `at character ${token.at + 1} ("${token.text}")`;
    throw new CheckSyntaxError(`The check "${text}" is wrong ${place}: ${wanted} is expected there.`);
  };
  const takes = (word: string): boolean => {
    const isNext = tokens[next]?.text.toLowerCase() === word;
    next += isNext ? 1 : 0;
    return isNext;
  };
  const several = (kind: 'and' | 'or', one: () => Check): Check => {
    const of = [one()];
    while (takes(kind)) {
      of.push(one());
    }
    const [only] = of;
    if (of.length === 1 && only !== undefined) {
      return only;
    }
    // "(a or b) or c" asks no more than "a or b or c".
    return { kind, of: of.flatMap((part) => (part.kind === kind ? part.of : [part])) };
  };
  const either = (): Check => several('or', both);
  const both = (): Check => several('and', single);
  const single = (): Check => {
    if (takes('not')) {
      return { kind: 'not', of: single() };
    }
    if (takes('(')) {
      const inside = either();
      return takes(')') ? inside : fail('")"');
    }
    const token = tokens[next];
    if (token === undefined || /^(and|or|\))$/i.test(token.text)) {
      return fail('a check such as "role:admin"');
    }
    next += 1;
    return atom(token.text, () => {
      next -= 1;
      return fail('a check such as "role:admin"');
    });
  };

  const check = either();
  return next === tokens.length ? check : fail('"and" or "or"');
}

function atom(text: string, fail: () => never): Check {
  if (text === '@') {
    return { kind: 'always' };
  }
  if (text === '!') {
    return { kind: 'never' };
  }
  const colon = text.indexOf(':');
  const [left, right] = [text.slice(0, colon), text.slice(colon + 1)];
  if (colon < 1 || right === '') {
    return fail();
  }
  switch (left) {
    case 'role':
    case 'rule':
      return { kind: left, name: right };
    case 'http':
    case 'https':
      throw new CheckSyntaxError(
        `The check "${text}" would ask another server for every request, which is not offered; express it with roles and attributes.`,
      );
    default:
      return { kind: 'equal', left, right };
  }
}

/** Reads the older list form: a list of alternatives, each a check or a list of checks that must all hold. @throws CheckSyntaxError */
export function parseCheckList(list: readonly unknown[]): Check {
  const alternatives = list.map((alternative) => {
    const parts = Array.isArray(alternative) ? alternative : [alternative];
    return {
      kind: 'and' as const,
      of: parts.map((part) => {
        if (typeof part !== 'string') {
          throw new CheckSyntaxError(`A check in a list has to be text, not ${JSON.stringify(part)}.`);
        }
        return parseCheck(part);
      }),
    };
  });
  return alternatives.length === 0 ? { kind: 'always' } : { kind: 'or', of: alternatives };
}
