// What the service root leads to, also where it does not say so.
import type { CallOptions, Client } from '../client.ts';

/** The path of a part of the service: the link of the root, or the usual place where the root lacks it. */
export async function partOfRoot(
  client: Client,
  name: 'Systems' | 'Chassis' | 'Managers' | 'UpdateService',
  options: CallOptions,
): Promise<string> {
  const root = await client.root(options);
  const link = root.link(name);
  if (link !== undefined) return link;
  root.report(name, 'a reference', 'nothing; the usual place is tried');
  return client.rootPath + name;
}
