// A conductor with the redfish driver, a simulated Redfish service, and a node that has it as its BMC.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { JsonObject } from '@wrought/contract';
import { type RedfishSimulatorOptions, type RedfishBmc as Service, startRedfishSimulator } from '@wrought/lab';
import { createBootServices } from '../../src/boot/services.ts';
import { loadConfig } from '../../src/config/index.ts';
import agentDriver from '../../src/drivers/agent/index.ts';
import { genericInterfaces } from '../../src/drivers/kit/index.ts';
import redfishDriver from '../../src/drivers/redfish/index.ts';
import { requester, silentLog, startConductor, type TestConductor } from './conductor.ts';

const settings = [
  'drivers.enabled=["fake-hardware","redfish","redfish-without-agent","idrac"]',
  'redfish.step_status_interval=1',
  'redfish.firmware_update_verify_timeout=20',
  'redfish.connection_attempts=2',
  'redfish.connection_retry_interval=1',
];

/** The same hardware where no agent is needed: steps that want its ramdisk find it there. */
const withoutAgent = {
  hardwareTypes: [
    {
      name: 'redfish-without-agent',
      supported: {
        ...genericInterfaces,
        boot: ['fake'],
        deploy: ['fake'],
        power: ['redfish'],
        management: ['redfish'],
        raid: ['redfish'],
      },
    },
  ],
  interfaces: [],
};

/** Starts them; the node is "manageable" and its machine off. */
export async function startRedfishConductor(
  t: TestContext,
  options: Partial<RedfishSimulatorOptions> = {},
  set: readonly string[] = [],
  fields: Parameters<TestConductor['node']>[0] = {},
) {
  const simulator = await startRedfishSimulator({ count: 1, taskSeconds: 0, resetSeconds: 0, ...options });
  t.after(() => simulator.close());
  const [service] = simulator.bmcs as [Service];
  const directory = await mkdtemp(join(tmpdir(), 'wrought-redfish-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const all = [...settings, ...set];
  const config = loadConfig({ dataDirectory: directory, set: all });
  const { environment } = await createBootServices({ config: () => config, log: silentLog });
  const server = await startConductor(t, {
    set: all,
    drivers: [await redfishDriver(environment), await agentDriver(environment), withoutAgent],
    boot: environment,
  });
  const isAgentNeeded = fields.driver !== 'redfish-without-agent';
  const node = await server.node({
    driver: 'redfish',
    provision_state: 'manageable',
    ...(isAgentNeeded ? { boot_interface: 'redfish-virtual-media' } : {}),
    driver_info: {
      redfish_address: service.url,
      redfish_username: 'admin',
      redfish_password: 'secret12',
      redfish_verify_ca: false,
    },
    ...fields,
  });
  const resets: string[] = [];
  service.onChange((change) => change.what === 'power' && resets.push(change.power));
  type CleanStep = { readonly interface: string; readonly step: string; readonly args?: JsonObject };
  /** Cleans by hand, without the ramdisk where the hardware would need an agent. */
  const clean = (on: TestConductor, ...cleanSteps: readonly CleanStep[]) =>
    on.conductor.doors.start.provision({
      node,
      verb: 'clean',
      cleanSteps,
      disableRamdisk: isAgentNeeded,
      requester,
    });
  return { simulator, service, server, node, clean, resets, config };
}
