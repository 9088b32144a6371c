// A conductor with a node of the hardware type idrac in front of a simulated iDRAC.
import type { TestContext } from 'node:test';
import type { JsonObject, Node } from '@wrought/contract';
import type { RedfishSimulatorOptions } from '@wrought/lab';
import { startRedfishConductor } from './redfish-conductor.ts';

/** Starts them; `restarts` has the times at which the iDRAC restarted, and `ask` asks it aside. */
export async function startIdrac(
  t: TestContext,
  options: Partial<RedfishSimulatorOptions> = {},
  set: readonly string[] = [],
  more: Partial<Node> = {},
) {
  const fields = { driver: 'idrac', boot_interface: 'idrac-redfish-virtual-media' };
  const under = await startRedfishConductor(t, { model: 'idrac', scheme: 'http', ...options }, set, {
    ...fields,
    ...more,
  });
  const restarts: number[] = [];
  under.service.onChange((change) => change.what === 'reset' && restarts.push(Date.now()));
  const ask = async (method: string, path: string, body?: JsonObject) => {
    const response = await fetch(`${under.service.url}/redfish/v1${path}`, {
      method,
      headers: {
        authorization: `Basic ${Buffer.from('admin:secret12').toString('base64')}`,
        'content-type': 'application/json',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as JsonObject };
  };
  return { ...under, restarts, ask };
}
