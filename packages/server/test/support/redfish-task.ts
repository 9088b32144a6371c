// A task on a node whose BMC is a simulated Redfish service, with power and management of the redfish driver.
import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { JsonObject } from '@wrought/contract';
import { type RedfishSimulatorOptions, startRedfishSimulator } from '@wrought/lab';
import { createFileCache } from '../../src/boot/file-cache.ts';
import { openRedfishBmc } from '../../src/drivers/redfish/bmc/index.ts';
import { redfishManagement } from '../../src/drivers/redfish/management.ts';
import { redfishPower } from '../../src/drivers/redfish/power.ts';
import { silentLog } from './conductor.ts';
import { testTask } from './task.ts';

export interface RedfishTaskOptions extends Omit<RedfishSimulatorOptions, 'count'> {
  /** Members of driver_info, beside those of the login. */
  readonly info?: JsonObject;
  /** Configuration, as `--set` takes it. */
  readonly set?: readonly string[];
  /** Who else watches the driver. */
  readonly watch?: Partial<Parameters<typeof openRedfishBmc>[0]>;
}

/** Starts the service; both end with the test. */
export async function startRedfishTask(
  t: TestContext,
  { info = {}, set = [], watch = {}, ...options }: RedfishTaskOptions = {},
) {
  const simulator = await startRedfishSimulator({ count: 1, resetSeconds: 0, taskSeconds: 0, ...options });
  const [service] = simulator.bmcs;
  assert.ok(service !== undefined);
  const fileCache = createFileCache(join(tmpdir(), 'wrought-redfish-cache'));
  const bmc = openRedfishBmc({ log: silentLog, fileCache, ...watch });
  const stack = new AsyncDisposableStack();
  stack.defer(() => simulator.close());
  stack.defer(() => bmc.close());
  t.after(() => stack.disposeAsync());
  const load = async () => bmc;
  const [power, management] = [redfishPower(load), redfishManagement(load)];
  const made = testTask({
    node: {
      driver: 'redfish',
      driver_info: {
        redfish_address: service.url,
        redfish_username: 'admin',
        redfish_password: 'secret12',
        redfish_verify_ca: false,
        ...info,
      },
    },
    interfaces: [power, management],
    set: ['redfish.connection_retry_interval=1', 'redfish.connection_attempts=2', ...set],
  });
  return { ...made, simulator, service, power, management, bmc, stack };
}
