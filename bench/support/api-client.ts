// The few API calls that the benchmarks make besides the load: what exists, and has it settled.
import type { Server } from './subject.ts';

export interface NodeSummary {
  readonly uuid: string;
  readonly provision_state?: string;
  readonly target_power_state?: string | null;
  readonly last_error?: string | null;
}

export interface NodePage {
  readonly nodes: readonly NodeSummary[];
  readonly next?: string;
}

/** GET of a collection of nodes; throws with the answer when it is not 200. */
export async function getNodes(server: Server, path: string): Promise<NodePage> {
  const response = await fetch(new URL(path, `http://${server.host}:${server.port}`), {
    headers: { 'X-OpenStack-Ironic-API-Version': '1.82' },
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`GET ${path} was answered with ${response.status}: ${text}`);
  return JSON.parse(text) as NodePage;
}

/** The paths of all pages of a list of nodes, and the nodes on them. */
export async function walkPages(server: Server, first: string): Promise<{ paths: string[]; nodes: NodeSummary[] }> {
  const paths: string[] = [];
  const nodes: NodeSummary[] = [];
  for (let path: string | undefined = first; path !== undefined; ) {
    const page: NodePage = await getNodes(server, path);
    paths.push(path);
    nodes.push(...page.nodes);
    const next = page.next === undefined ? undefined : new URL(page.next);
    path = next === undefined ? undefined : next.pathname + next.search;
  }
  return { paths, nodes };
}
