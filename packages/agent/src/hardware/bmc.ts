// Asks the machine's own BMC for its addresses, through the kernel's IPMI device.
import { isIP } from 'node:net';
import type { Log } from '../log.ts';
import type { Run } from '../process.ts';
import { resolvePath } from './sysfs.ts';

export type BmcAddresses = { bmc_address: string | null; bmc_v6address: string | null; bmc_mac: string | null };

/** LAN channels that a BMC may have (IPMI 2.0 section 6.3). */
const CHANNELS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] as const;
/** One question to a BMC over its slow bus. */
const IPMITOOL_TIMEOUT_SECONDS = 20;

/** Reads `ipmitool lan print`: the address, or null where none is set, and the MAC. */
export function parseLanPrint(text: string): { address: string | null; mac: string | null } {
  const address = /^IP Address\s*:\s*(\S+)/m.exec(text)?.[1] ?? '';
  const mac = /^MAC Address\s*:\s*(\S+)/m.exec(text)?.[1] ?? null;
  return { address: isIP(address) === 4 && address !== '0.0.0.0' ? address : null, mac };
}

/** Reads `ipmitool lan6 print`: the first active address that is not link-local, or null. */
export function parseLan6Print(text: string): string | null {
  for (const match of text.matchAll(/^\s*Address:\s*([0-9a-fA-F:]+)\/\d+/gm)) {
    const address = match[1] ?? '';
    if (isIP(address) === 6 && address !== '::' && !address.toLowerCase().startsWith('fe80:')) return address;
  }
  return null;
}

/** Finds the BMC's addresses; all null on machines without an IPMI device. */
export async function readBmcAddresses(run: Run, log: Log, systemRoot = ''): Promise<BmcAddresses> {
  const addresses: BmcAddresses = { bmc_address: null, bmc_v6address: null, bmc_mac: null };
  if (resolvePath(`${systemRoot}/dev/ipmi0`) === null) return addresses;
  const ask = async (...args: string[]): Promise<string> => {
    try {
      // A channel that is no LAN channel ends with 1.
      return (await run('ipmitool', args, { okExitCodes: [0, 1], timeoutSeconds: IPMITOOL_TIMEOUT_SECONDS })).stdout;
    } catch (error) {
      log.warning(`BMC address: ${error instanceof Error ? error.message : error}`);
      return '';
    }
  };
  for (const channel of CHANNELS) {
    const lan = parseLanPrint(await ask('lan', 'print', String(channel)));
    if (lan.address === null && lan.mac === null) continue;
    addresses.bmc_mac ??= lan.mac;
    addresses.bmc_address ??= lan.address;
    addresses.bmc_v6address ??= parseLan6Print(await ask('lan6', 'print', String(channel)));
    if (addresses.bmc_address !== null) break;
  }
  return addresses;
}
