// The conductor of the crash harness: its configuration and its drivers, the same for the child and for the registry.

import { createBootServices } from '../../src/boot/services.ts';
import { type Config, loadConfig } from '../../src/config/index.ts';
import agentDriver from '../../src/drivers/agent/index.ts';
import fakeDriver from '../../src/drivers/fake/index.ts';
import type { Driver, TaskLog } from '../../src/drivers/kit/index.ts';
import noopDriver from '../../src/drivers/noop/index.ts';
import networkDriver from '../../src/network/index.ts';
import { ironicNetworkingNetwork } from '../../src/network/ironic-networking/index.ts';
import { isSamePort, type PortState } from '../../src/network/switches/port-config.ts';
import type { SwitchDefinition } from '../../src/network/switches/switch-file.ts';
import type { Switches } from '../../src/network/switches/switches.ts';
import { recorderDriver } from './recorder-driver.ts';
import { harnessSwitchId } from './scenarios.ts';

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

/** A switch in memory, which is new in every process: as it was before nobody knows. */
function memorySwitches(): Switches {
  const definition: SwitchDefinition = {
    name: 'leaf',
    switchIds: [harnessSwitchId],
    allowedVlans: null,
    defaultVlan: 1,
    access: {
      type: 'openvswitch',
      database: { kind: 'unix', path: '/nonexistent' },
      bridge: 'br0',
      ...{ caFile: null, certificateFile: null, keyFile: null },
    },
  };
  const states = new Map<string, PortState>();
  return {
    definitions: async () => [definition],
    compare: async (_definition, ports) =>
      ports.map(({ name, state }) => {
        const seen = states.get(name);
        return seen === undefined
          ? { seen: { name, state: null, reason: 'nothing was set' }, matches: null }
          : { seen: { name, state: seen }, matches: state === null ? null : isSamePort(seen, state) };
      }),
    async apply(_definition, ports) {
      for (const { name, state } of ports) {
        states.set(name, state);
      }
      return ports;
    },
  };
}

/** The drivers that the harness goes through. */
export async function harnessDrivers(config: Config, recorderUrl: string): Promise<readonly Driver[]> {
  const { environment } = await createBootServices({ config: () => config, log: silentLog });
  const networks = await networkDriver(environment);
  return [
    await noopDriver(environment),
    await fakeDriver(environment),
    {
      ...networks,
      interfaces: networks.interfaces.map((each) =>
        each.name === 'ironic-networking' ? ironicNetworkingNetwork(memorySwitches()) : each,
      ),
    },
    await agentDriver(environment),
    recorderDriver(recorderUrl),
  ];
}
