// Links that may lead nowhere: BMCs name resources that they do not have.
import type { CallOptions, Client } from '../client.ts';
import { MissingError } from '../errors.ts';
import type { Resource } from '../resource.ts';

/** Reads a resource that is named and may be gone all the same. */
export async function getIfThere(
  client: Client,
  path: string | undefined,
  options: CallOptions,
): Promise<Resource | undefined> {
  if (path === undefined) return undefined;
  try {
    return await client.get(path, options);
  } catch (error) {
    if (!(error instanceof MissingError)) throw error;
    client.onOddity({ path, property: '', expected: 'the resource that is named', found: error.message });
    return undefined;
  }
}
