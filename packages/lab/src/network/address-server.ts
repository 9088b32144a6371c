// A DHCP server of the lab's network that gives out addresses and nothing else, for firmware that boots from a URL it was told.
import { once } from 'node:events';
import { join } from 'node:path';
import { spawnInNamespace } from './namespace.ts';

export interface AddressServerOptions {
  namespace: string;
  /** Of the bridge or port that machines are at. */
  device: string;
  /** MAC addresses that get one; all others get no answer. */
  macs: readonly string[];
  /** First and last one that is given out. */
  range: readonly [string, string];
  /** For the file with leases. */
  directory: string;
}

export interface AddressServer {
  close(): Promise<void>;
}

/** Starts it. Throws an Error when it ends at once, such as for an address that is taken. */
export async function startAddressServer(options: AddressServerOptions): Promise<AddressServer> {
  const { namespace, device, macs, range, directory } = options;
  const child = spawnInNamespace(
    namespace,
    'dnsmasq',
    [
      ...['--no-daemon', '--conf-file=/dev/null', '--pid-file=', '--user=root', '--port=0', '--bind-interfaces'],
      ...[`--interface=${device}`, '--except-interface=lo', '--dhcp-authoritative', '--log-facility=-'],
      ...[`--dhcp-range=${range.join(',')},10m`, '--dhcp-ignore=tag:!known', '--dhcp-option=option:router'],
      ...macs.map((mac) => `--dhcp-host=${mac}`),
      `--dhcp-leasefile=${join(directory, 'addresses.leases')}`,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const gone = once(child, 'exit');
  let said = '';
  const started = new Promise<boolean>((resolve) => {
    child.stderr?.on('data', (piece: Buffer) => {
      said += piece;
      if (said.includes('DHCP, IP range')) resolve(true);
    });
    void gone.then(() => resolve(false));
  });
  if (!(await started)) throw new Error(`dnsmasq at ${device} does not run: ${said.trim()}`);
  return {
    async close() {
      child.kill();
      await gone;
    },
  };
}
