// The server as the recorded one was set up: fake-hardware and two more hardware types, no authentication, nothing of its own accord.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createServerProcess, type ServerProcess } from '@wrought/lab';

const program = fileURLToPath(new URL('../../bin/wrought', import.meta.url));

export const CONDUCTOR = '127.0.0.1';
/** The newest version that the server speaks. */
export const NEWEST = '1.115';

const withFake = (kind: string): readonly string[] => ['fake', `no-${kind}`];

/** Hardware types and interfaces, by kind, that a server is to have. */
export interface Enabled {
  readonly hardwareTypes: readonly string[];
  readonly interfaces: Readonly<Record<string, readonly string[]>>;
}

const interfaces = {
  bios: withFake('bios'),
  boot: ['fake', 'ipxe', 'pxe'],
  console: withFake('console'),
  deploy: ['fake', 'direct'],
  inspect: withFake('inspect'),
  management: ['fake', 'ipmitool', 'noop'],
  network: ['noop'],
  power: ['fake', 'ipmitool'],
  raid: withFake('raid'),
  rescue: withFake('rescue'),
  storage: ['fake', 'noop'],
  vendor: withFake('vendor'),
};

/** What was enabled when the exchanges were recorded, and is in the peer, too. */
export const enabledInPeer: Enabled = { hardwareTypes: ['fake-hardware', 'ipmi', 'manual-management'], interfaces };

/** All that was enabled then. */
const enabledThen: Enabled = {
  hardwareTypes: [...enabledInPeer.hardwareTypes, 'redfish'],
  interfaces: {
    ...interfaces,
    bios: [...interfaces.bios, 'redfish'],
    management: [...interfaces.management, 'redfish'],
    power: [...interfaces.power, 'redfish'],
    vendor: [...interfaces.vendor, 'ipmitool'],
  },
};

/** The configuration of the recording, as far as this server has its parts. */
const settingsWith = ({ hardwareTypes, interfaces }: Enabled) => [
  'api.listen=127.0.0.1:0',
  'api.auth=none',
  `conductor.host=${CONDUCTOR}`,
  `drivers.enabled=${JSON.stringify(hardwareTypes)}`,
  ...Object.entries(interfaces).map(([kind, names]) => `drivers.enabled_${kind}_interfaces=${JSON.stringify(names)}`),
  'drivers.default_storage_interface=noop',
  // Nothing happens of its own accord, and a locked node is refused without the real pauses.
  'conductor.sync_power_state_interval=0',
  'conductor.check_provision_state_interval=0',
  'conductor.node_locked_retry_interval=0.01',
  'conductor.graceful_shutdown_timeout=1',
];

/** Starts it in an empty directory; its database is `data/wrought.db` there. */
export async function startWrought(directory: string, enabled = enabledThen): Promise<ServerProcess> {
  const server = createServerProcess({
    program,
    dataDirectory: join(directory, 'data'),
    logFile: join(directory, 'server.log'),
    settings: settingsWith(enabled),
  });
  await server.start();
  return server;
}
