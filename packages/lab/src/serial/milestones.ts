// Turns the serial log of a machine into boot milestones.
import { createLineSplitter } from './lines.ts';
import { powerOnPattern, resetPattern } from './markers.ts';

export type MilestoneKind =
  | 'power-on'
  | 'reset'
  | 'firmware'
  | 'network-boot'
  | 'dhcp'
  | 'dhcp-address'
  | 'dhcp-failed'
  | 'network-file'
  | 'network-file-failed'
  | 'no-boot-device'
  | 'disk-boot'
  | 'kernel'
  | 'ramdisk'
  | 'agent'
  | 'os-config'
  | 'os-ready'
  | 'shutdown'
  | 'kernel-panic';

export interface Milestone {
  kind: MilestoneKind;
  /** What a person reads. */
  text: string;
  /** Facts of the line, by name: address, url, hostname, uuid, nonce. */
  facts: Record<string, string>;
  line: string;
}

interface Rule {
  kind: MilestoneKind;
  pattern: RegExp;
  text: string;
}

// The first rule that matches a line names its milestone. Named groups become facts; {name} in a text is filled in.
const rules: Rule[] = [
  { kind: 'power-on', pattern: powerOnPattern, text: 'power on' },
  { kind: 'reset', pattern: resetPattern, text: 'reset' },
  { kind: 'firmware', pattern: /^SeaBIOS \(version/, text: 'firmware started (SeaBIOS)' },
  { kind: 'firmware', pattern: /^BdsDxe: loading Boot/, text: 'firmware looks for something to boot (UEFI)' },
  { kind: 'no-boot-device', pattern: /No bootable device|BdsDxe: No bootable option/, text: 'nothing to boot from' },
  { kind: 'network-boot', pattern: /^iPXE \d.* -- Open Source Network Boot Firmware/, text: 'iPXE started' },
  { kind: 'network-boot', pattern: />>Start PXE over IPv[46]/, text: 'PXE of the firmware started' },
  { kind: 'network-boot', pattern: />>Start HTTP Boot over IPv[46]/, text: 'HTTP boot of the firmware started' },
  {
    kind: 'dhcp-failed',
    pattern: /^Configuring \(net\d+ (?<mac>[0-9a-f:]{17})\)\.* No configuration methods/,
    text: 'nobody answered the DHCP of {mac}',
  },
  { kind: 'dhcp', pattern: /^Configuring \(net\d+ (?<mac>[0-9a-f:]{17})\)/, text: 'DHCP asked by {mac}' },
  { kind: 'dhcp-address', pattern: /^net\d+: (?<address>\d+\.\d+\.\d+\.\d+)\//, text: 'DHCP gave {address}' },
  { kind: 'network-file', pattern: /^(?<url>(?:https?|tftp):\/\/\S+?)\.\.\. ok$/, text: 'fetched {url}' },
  {
    kind: 'network-file-failed',
    pattern: /^(?<url>(?:https?|tftp):\/\/\S+?)\.\.\. (?<reason>[A-Z].+)$/,
    text: 'could not fetch {url}: {reason}',
  },
  { kind: 'disk-boot', pattern: /^Booting from Hard Disk/, text: 'boots from the disk' },
  { kind: 'disk-boot', pattern: /^Welcome to GRUB!/, text: 'GRUB started' },
  { kind: 'kernel-panic', pattern: /Kernel panic - not syncing: (?<reason>.+)/, text: 'kernel panic: {reason}' },
  { kind: 'kernel', pattern: /Linux version (?<version>\S+)/, text: 'kernel {version} started' },
  { kind: 'kernel', pattern: /^wrought-os: kernel (?<version>\S+)/, text: 'kernel {version} started from the disk' },
  {
    kind: 'os-config',
    pattern: /^wrought-os: hostname=(?<hostname>\S*) uuid=(?<uuid>\S*) nonce=(?<nonce>\S*)/,
    text: 'deployed system is {hostname}, nonce {nonce}',
  },
  { kind: 'os-ready', pattern: /^wrought-os: ready/, text: 'deployed system is ready' },
  {
    kind: 'kernel',
    pattern: /^\[init [\d.]+s\] kernel (?<version>\S+)/,
    text: 'kernel {version} started from the ramdisk',
  },
  { kind: 'ramdisk', pattern: /^\[init [\d.]+s\] (?<message>.+)/, text: 'ramdisk: {message}' },
  { kind: 'agent', pattern: /^\[agent +[\d.]+s\] (?<message>.+)/, text: 'agent: {message}' },
  { kind: 'shutdown', pattern: /reboot: (?<how>Power down|Restarting system)/, text: 'system says: {how}' },
];

/** The milestone that a clean line stands for; undefined for the many that stand for none. */
export function milestoneOfLine(line: string): Milestone | undefined {
  for (const rule of rules) {
    const match = rule.pattern.exec(line);
    if (match === null) continue;
    const facts: Record<string, string> = {};
    for (const [name, value] of Object.entries(match.groups ?? {})) if (value !== undefined) facts[name] = value;
    const text = rule.text.replace(/\{(\w+)\}/g, (_, name: string) => facts[name] ?? '');
    return { kind: rule.kind, text, facts, line };
  }
  return undefined;
}

export interface MilestoneParser {
  push(piece: Uint8Array): Milestone[];
}

/** Makes a parser of a serial stream; how the stream is cut into pieces makes no difference. */
export function createMilestoneParser(): MilestoneParser {
  const splitter = createLineSplitter();
  return {
    push: (piece) =>
      splitter
        .push(piece)
        .map(milestoneOfLine)
        .filter((milestone) => milestone !== undefined),
  };
}
