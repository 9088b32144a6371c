// Reads what dnsmasq logs and tells it as events of machines; remembers which address a machine got, because TFTP names only that.
import type { DhcpEvent } from './provider.ts';

const dhcpLine =
  /dnsmasq-dhcp\[\d+\]: (?:\d+ )?(DHCP(?:DISCOVER|OFFER|REQUEST|ACK|NAK|DECLINE|RELEASE))\(([^)]+)\) (?:([\d.]+) )?([0-9a-f]{2}(?::[0-9a-f]{2}){5})\b ?(.*)$/i;
const tftpSentLine = /dnsmasq-tftp\[\d+\]: sent (.+) to ([\d.]+)$/;
const tftpMissingLine =
  /dnsmasq-tftp\[\d+\]: (file .+ not found|cannot access .+|failed sending .+|error .+ received|.+) (?:for|to|from) ([\d.]+)$/;

/** The addresses remembered; a machine that was not heard of for this many others is forgotten. */
const MOST_ADDRESSES = 50_000;

export interface DnsmasqLogReader {
  /** One line of the log; undefined when it tells nothing of a machine. */
  read(line: string): DhcpEvent | undefined;
}

const words: Readonly<Record<string, string>> = {
  DHCPDISCOVER: 'asks for an address',
  DHCPOFFER: 'was offered',
  DHCPREQUEST: 'requests',
  DHCPACK: 'got',
  DHCPNAK: 'was refused',
  DHCPDECLINE: 'declined',
  DHCPRELEASE: 'gave back',
};

/** Makes a reader. `tftpRoot` is taken off file names. */
export function createDnsmasqLogReader(tftpRoot: string): DnsmasqLogReader {
  const addressOfIp = new Map<string, string>();

  function remember(ip: string, address: string): void {
    addressOfIp.delete(ip);
    addressOfIp.set(ip, address);
    const [oldest] = addressOfIp.keys();
    if (addressOfIp.size > MOST_ADDRESSES && oldest !== undefined) {
      addressOfIp.delete(oldest);
    }
  }

  function readDhcp(line: string): DhcpEvent | undefined {
    const parts = dhcpLine.exec(line);
    const [, type = '', , ip, mac, rest = ''] = parts ?? [];
    if (parts === null || mac === undefined) {
      return undefined;
    }
    const address = mac.toLowerCase();
    if (type === 'DHCPACK' && ip !== undefined) {
      remember(ip, address);
    }
    const isTrouble = type === 'DHCPNAK' || type === 'DHCPDECLINE' || /no address available|ignored/.test(rest);
    const detail = isTrouble && rest !== '' ? ` (${rest})` : '';
    const what = [words[type] ?? '', ...(ip === undefined ? [] : [ip])].join(' ');
    return {
      kind: 'dhcp',
      address,
      severity: isTrouble ? 'warning' : 'info',
      message: `${type}: ${address} ${what}${detail}.`,
      ip: ip ?? null,
    };
  }

  function readTftp(line: string): DhcpEvent | undefined {
    const sent = tftpSentLine.exec(line);
    const parts = sent ?? tftpMissingLine.exec(line);
    const [, what, ip] = parts ?? [];
    const address = ip === undefined ? undefined : addressOfIp.get(ip);
    if (what === undefined || ip === undefined || address === undefined) {
      return undefined;
    }
    const short = what.replace(`${tftpRoot}/`, '');
    // Boot loaders probe for files that need not exist, and firmware breaks off a first transfer that only asks for the size.
    const isRoutine = /not found$|User aborted/.test(short);
    return sent === null
      ? { kind: 'tftp', address, severity: isRoutine ? 'info' : 'warning', message: `TFTP to ${ip}: ${short}.`, ip }
      : { kind: 'tftp', address, severity: 'info', message: `TFTP: ${ip} fetched ${short}.`, ip };
  }

  return { read: (line) => readDhcp(line) ?? readTftp(line) };
}
