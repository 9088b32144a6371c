// The server as the recorded one was set up: fake-hardware and two more hardware types, no authentication, nothing of its own accord.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createServerProcess, type ServerProcess } from '@wrought/lab';

const program = fileURLToPath(new URL('../../bin/wrought', import.meta.url));

export const CONDUCTOR = '127.0.0.1';
/** The newest version that the server speaks. */
export const NEWEST = '1.115';

const withFake = (kind: string): readonly string[] => ['fake', `no-${kind}`];

/** The interfaces that were enabled then, and are in the peer. */
export const enabledInterfaces: Readonly<Record<string, readonly string[]>> = {
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

/** The configuration of the recording, as far as this server has its parts. */
const settings = [
  'api.listen=127.0.0.1:0',
  'api.auth=none',
  `conductor.host=${CONDUCTOR}`,
  'drivers.enabled=["fake-hardware","ipmi","manual-management"]',
  ...Object.entries(enabledInterfaces).map(
    ([kind, names]) => `drivers.enabled_${kind}_interfaces=${JSON.stringify(names)}`,
  ),
  'drivers.default_storage_interface=noop',
  // Nothing happens of its own accord, and a locked node is refused without the real pauses.
  'conductor.sync_power_state_interval=0',
  'conductor.check_provision_state_interval=0',
  'conductor.node_locked_retry_interval=0.01',
  'conductor.graceful_shutdown_timeout=1',
];

/** Starts it in an empty directory; its database is `data/wrought.db` there. */
export async function startWrought(directory: string): Promise<ServerProcess> {
  const server = createServerProcess({
    program,
    dataDirectory: join(directory, 'data'),
    logFile: join(directory, 'server.log'),
    settings,
  });
  await server.start();
  return server;
}
