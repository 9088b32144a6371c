// Calls to Redfish services: in turn for each BMC, measured, and explained when they fail.

import { registeredError } from '@wrought/contract';
import type { Client, Resource } from '@wrought/redfish';
import {
  type BmcCallObserver,
  BmcSilentError,
  type BmcWatcher,
  createBmcGovernor,
  type Task,
} from '../../kit/index.ts';
import { endpointOf, readConnection } from '../connection.ts';
import type { RedfishClients } from './clients.ts';
import { isSilence, kindOf, RedfishSilentError, told } from './failure.ts';
import { createQuirks } from './quirks.ts';

/** What the work of one call is done with. */
export interface Bmc {
  readonly client: Client;
  /** Ends requests early. */
  readonly signal: AbortSignal;
  /** Path of the machine's ComputerSystem. */
  systemPath(): Promise<string>;
  /** The machine's ComputerSystem, read now. */
  system(): Promise<Resource>;
}

export interface RedfishCalls {
  /**
   * Does work at the BMC of the task's node; nobody else's work with that BMC runs meanwhile.
   *
   * @param operation for measurements: from a small set, without values.
   * @throws DriverOperationError that says what was asked, where, what came back and what to do
   */
  perform<Result>(task: Task, operation: string, work: (bmc: Bmc) => Promise<Result>): Promise<Result>;
}

/** Makes the place that all calls to Redfish services go through. */
export function createCalls(clients: RedfishClients, observe?: BmcCallObserver, watch?: BmcWatcher): RedfishCalls {
  const governor = createBmcGovernor({ isSilence });
  watch?.('redfish', governor.conditions);
  /** The only system of a BMC, where the node names none. */
  const onlySystems = new WeakMap<Client, string>();
  const adoptQuirks = createQuirks();

  async function onlySystem(client: Client, signal: AbortSignal): Promise<string> {
    const known = onlySystems.get(client);
    if (known !== undefined) {
      return known;
    }
    const systems = (await client.root({ signal })).link('Systems') ?? `${client.rootPath}Systems`;
    const paths = (await client.get(systems, { signal })).links('Members');
    const [only] = paths;
    if (only === undefined || paths.length > 1) {
      const found = only === undefined ? 'no system' : `${paths.length} systems: ${paths.join(', ')}`;
      throw registeredError('DriverOperationError', {
        driver: 'redfish',
        reason: `The BMC at ${client.origin} has ${found}. Name the one of the node in driver_info/redfish_system_id.`,
      });
    }
    onlySystems.set(client, only);
    return only;
  }

  async function observed<Result>(operation: string, work: () => Promise<Result>): Promise<Result> {
    const begin = performance.now();
    const tell = (error: string | null) =>
      observe?.({ driver: 'redfish', operation, error, seconds: (performance.now() - begin) / 1000 });
    try {
      const result = await work();
      tell(null);
      return result;
    } catch (error) {
      tell(kindOf(error));
      throw told(error);
    }
  }

  return {
    async perform(task, operation, work) {
      const { node, config, isBackground, abortSignal: signal } = task;
      const connection = readConnection(node, config);
      const client = clients.clientFor(connection, config);
      const systemPath = async () => connection.systemPath ?? (await onlySystem(client, signal));
      const bmc: Bmc = {
        client,
        signal,
        systemPath,
        async system() {
          const found = await client.get(await systemPath(), { signal });
          // The power of thousands is read in the background, and has no quirks: that stays one request.
          if (!isBackground) await adoptQuirks(client, found, signal);
          return found;
        },
      };
      const call = { endpoint: endpointOf(connection), isBackground, ...(isBackground ? { signal } : {}) };
      try {
        return await governor.run(call, () => observed(operation, () => work(bmc)));
      } catch (error) {
        if (error instanceof BmcSilentError && !isBackground) {
          throw new RedfishSilentError(error.message);
        }
        throw error;
      }
    },
  };
}
