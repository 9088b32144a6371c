// What BMCs do otherwise: found out once for each client, with the first call that somebody waits for.
import { adoptQuirks, type Client, managersOf, type Resource, ResponseError, UnsupportedError } from '@wrought/redfish';

/** Makes a client behave as its BMC needs it. */
export type AdoptQuirks = (client: Client, system: Resource, signal: AbortSignal) => Promise<void>;

/** The manager says which firmware it is; without one what the service and its system say has to do. */
async function managerOf(client: Client, system: Resource, signal: AbortSignal): Promise<Resource | undefined> {
  try {
    return (await managersOf(client, system, { signal }))[0];
  } catch (error) {
    // A BMC that cannot be reached now is asked the next time.
    if (!(error instanceof UnsupportedError || error instanceof ResponseError)) throw error;
    client.onOddity({
      path: system.path,
      property: 'Links/ManagedBy',
      expected: 'the manager of the system',
      found: error.message,
    });
    return undefined;
  }
}

/** Makes what remembers for which clients it was done. */
export function createQuirks(): AdoptQuirks {
  const known = new WeakSet<Client>();
  return async (client, system, signal) => {
    if (known.has(client)) {
      return;
    }
    await adoptQuirks(client, system, await managerOf(client, system, signal));
    known.add(client);
  };
}
