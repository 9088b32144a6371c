// The conductor of the crash harness: its configuration and its drivers, the same for the child and for the registry.

import { createBootServices } from '../../src/boot/services.ts';
import { type Config, loadConfig } from '../../src/config/index.ts';
import agentDriver from '../../src/drivers/agent/index.ts';
import fakeDriver from '../../src/drivers/fake/index.ts';
import type { Driver, TaskLog } from '../../src/drivers/kit/index.ts';
import noopDriver from '../../src/drivers/noop/index.ts';
import networkDriver from '../../src/network/index.ts';
import { recorderDriver } from './recorder-driver.ts';

export const silentLog: TaskLog = { debug() {}, info() {}, warn() {}, error() {} };

/** No periodic work, short waits, and a lease that outlasts a run. */
export function harnessConfig(dataDirectory: string, set: readonly string[]): Config {
  return loadConfig({
    dataDirectory,
    set: [
      'drivers.enabled=["recorder", "fake-hardware"]',
      'conductor.host=crash-harness',
      'conductor.sync_power_state_interval=0',
      'conductor.graceful_shutdown_timeout=1',
      'agent.require_tls=false',
      'agent.post_deploy_get_power_state_retry_interval=0.1',
      ...set,
    ],
  });
}

/** The drivers that the harness goes through. */
export async function harnessDrivers(config: Config, recorderUrl: string): Promise<readonly Driver[]> {
  const { environment } = await createBootServices({ config: () => config, log: silentLog });
  return [
    await noopDriver(environment),
    await fakeDriver(environment),
    await networkDriver(environment),
    await agentDriver(environment),
    recorderDriver(recorderUrl),
  ];
}
