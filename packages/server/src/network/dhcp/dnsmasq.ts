// DHCP and TFTP by a dnsmasq of our own, or ("external") only the files for one that somebody else runs.

import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../../config/index.ts';
import type { TaskLog } from '../../drivers/kit/index.ts';
import { dnsmasqConfiguration } from './dnsmasq-config.ts';
import { forgetWithdrawn, makeFolders, withdrawOffer, writeOffer } from './dnsmasq-files.ts';
import { createDnsmasqLogReader } from './dnsmasq-log.ts';
import { createDnsmasqProcess } from './dnsmasq-process.ts';
import { type FollowedFile, followFile } from './follow-file.ts';
import type { DhcpEvent, DhcpProvider } from './provider.ts';

const LOG_ROTATION_BYTES = 8 * 1024 * 1024;

export interface DnsmasqOptions {
  readonly config: () => Config;
  readonly log: TaskLog;
}

/**
 * Only the files; the external dnsmasq has to read both folders (dhcp-hostsdir and dhcp-optsdir), and its configuration needs the
 * lines of `clientMatches`.
 */
export function externalDnsmasq({ config }: DnsmasqOptions): DhcpProvider {
  const folders = () => ({ hosts: config().dnsmasq.dhcp_hostsdir, options: config().dnsmasq.dhcp_optsdir });
  return {
    name: 'external',
    start: () => makeFolders(folders()),
    stop: async () => {},
    offerBoot: (address, offer) => writeOffer(folders(), address, offer),
    withdrawBoot: (address) => withdrawOffer(folders(), address),
    onEvent: () => {},
  };
}

/** A dnsmasq that is configured, started, watched and stopped here. Its state lies in the folder "dnsmasq" of the data directory. */
export function ownDnsmasq(options: DnsmasqOptions): DhcpProvider {
  const { config, log } = options;
  const files = externalDnsmasq(options);
  const folder = join(config().dataDirectory, 'dnsmasq');
  const paths = {
    configuration: join(folder, 'dnsmasq.conf'),
    leases: join(folder, 'leases'),
    log: join(folder, 'dnsmasq.log'),
  };
  const dnsmasq = createDnsmasqProcess({
    program: config().dnsmasq.program,
    configurationPath: paths.configuration,
    recordPath: join(folder, 'process.json'),
    beforeLaunch: () =>
      forgetWithdrawn({ hosts: config().dnsmasq.dhcp_hostsdir, options: config().dnsmasq.dhcp_optsdir }),
    log,
  });
  const listeners: ((event: DhcpEvent) => void)[] = [];
  let followed: FollowedFile | undefined;

  async function rotate(bytes: number): Promise<void> {
    if (bytes > LOG_ROTATION_BYTES) {
      await rename(paths.log, `${paths.log}.1`);
      // SIGUSR2 makes dnsmasq open its log anew.
      await dnsmasq.signal('SIGUSR2');
    }
  }

  return {
    name: 'dnsmasq',
    async start() {
      await files.start();
      await mkdir(folder, { recursive: true });
      await mkdir(config().pxe.tftp_root, { recursive: true });
      const reader = createDnsmasqLogReader(config().pxe.tftp_root);
      followed = followFile(
        paths.log,
        (line) => {
          const event = reader.read(line);
          if (event !== undefined) {
            for (const listener of listeners) {
              listener(event);
            }
          }
        },
        (error) => log.warn({ err: error, path: paths.log }, 'The log of dnsmasq can not be read.'),
        rotate,
      );
      await dnsmasq.start(dnsmasqConfiguration(config(), paths));
    },
    async stop() {
      await dnsmasq.stop();
      await followed?.stop();
    },
    offerBoot: files.offerBoot,
    withdrawBoot: files.withdrawBoot,
    onEvent: (listener) => {
      listeners.push(listener);
    },
  };
}
