// Reads the file in which an operator names the switches: a TOML table each, with credentials in files of their own.
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parse } from 'smol-toml';
import { findKeyLines, keyPath } from '../../config/key-lines.ts';
import { ConfigError, type ConfigProblem } from '../../config/problem.ts';
import type { OvsdbPlace } from './ovsdb/client.ts';
import type { SwitchProfile } from './ssh/profile.ts';
import { findProfile, profiles } from './ssh/profiles/index.ts';
import { isVlan, parseVlans, VLAN_RANGE_IN_WORDS } from './vlans.ts';

/** How an Open vSwitch is reached; certificates are paths. */
export interface OpenvswitchAccess {
  readonly type: 'openvswitch';
  readonly database:
    | Exclude<OvsdbPlace, { kind: 'ssl' }>
    | { readonly kind: 'ssl'; readonly host: string; readonly port: number };
  readonly bridge: string;
  readonly caFile: string | null;
  readonly certificateFile: string | null;
  readonly keyFile: string | null;
}

/** How a switch with a command line is reached. */
export interface SshAccess {
  readonly type: 'ssh';
  readonly address: string;
  readonly port: number;
  readonly profile: SwitchProfile;
  readonly username: string;
  readonly passwordFile: string | null;
  readonly keyFile: string | null;
  readonly enablePasswordFile: string | null;
  /** "SHA256:...", as `ssh-keygen -l` prints it. */
  readonly hostKey: string;
  readonly legacyAlgorithms: boolean;
  /** Changes are kept over a restart of the switch. */
  readonly save: boolean;
}

/** One switch of the file. */
export interface SwitchDefinition {
  readonly name: string;
  /** What local_link_connection/switch_id of ports may say, in lower case. */
  readonly switchIds: readonly string[];
  /** VLANs that may be used; null: what the configuration says. */
  readonly allowedVlans: readonly number[] | null;
  /** The VLAN of ports that nothing uses, where no idle network is named. */
  readonly defaultVlan: number;
  readonly access: OpenvswitchAccess | SshAccess;
}

const commonKeys = ['type', 'switch_ids', 'allowed_vlans', 'default_vlan'];
const sshKeys = [
  ...['address', 'port', 'profile', 'username', 'password_file', 'key_file', 'enable_password_file'],
  ...['host_key', 'legacy_algorithms', 'save'],
];
const openvswitchKeys = ['database', 'bridge', 'ca_file', 'certificate_file', 'key_file'];

/** Reads keys of one table and collects what is wrong with them. */
class Table {
  readonly values: Readonly<Record<string, unknown>>;
  readonly folder: string;
  readonly problem: (key: string | null, message: string) => void;

  constructor(values: Readonly<Record<string, unknown>>, folder: string, problem: Table['problem']) {
    this.values = values;
    this.folder = folder;
    this.problem = problem;
  }

  text(key: string): string | null {
    const value = this.values[key];
    if (value === undefined) {
      return null;
    }
    if (typeof value !== 'string' || value === '') {
      this.problem(key, `is ${JSON.stringify(value)}; allowed: a text`);
      return null;
    }
    return value;
  }

  required(key: string, what: string): string {
    const value = this.text(key);
    if (value === null && this.values[key] === undefined) {
      this.problem(key, `is missing; ${what}`);
    }
    return value ?? '';
  }

  boolean(key: string): boolean {
    const value = this.values[key] ?? false;
    if (typeof value !== 'boolean') {
      this.problem(key, `is ${JSON.stringify(value)}; allowed: true or false`);
    }
    return value === true;
  }

  path(key: string): string | null {
    const value = this.text(key);
    return value === null ? null : resolve(this.folder, value);
  }

  unknownKeys(known: readonly string[]): void {
    for (const key of Object.keys(this.values).filter((each) => !known.includes(each))) {
      this.problem(key, `there is no such key; allowed: ${known.join(', ')}`);
    }
  }
}

const DATABASE_FORM = '"unix:PATH", "tcp:HOST:PORT" or "ssl:HOST:PORT" (an IPv6 host in brackets)';

function readDatabase(text: string): OpenvswitchAccess['database'] | null {
  const [, path] = /^unix:(\/.+)$/.exec(text) ?? [];
  if (path !== undefined) {
    return { kind: 'unix', path };
  }
  const [, kind, bracketed, plain, given] = /^(tcp|ssl):(?:\[([0-9a-fA-F:]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(given);
  if (kind === undefined || !(port >= 1 && port <= 65_535)) {
    return null;
  }
  return { kind: kind as 'tcp' | 'ssl', host: bracketed ?? plain ?? '', port };
}

function readOpenvswitch(table: Table): OpenvswitchAccess {
  table.unknownKeys([...commonKeys, ...openvswitchKeys]);
  const given = table.required('database', `allowed: ${DATABASE_FORM}`);
  const database = readDatabase(given);
  if (database === null && given !== '') {
    table.problem('database', `is "${given}"; allowed: ${DATABASE_FORM}`);
  }
  const access = {
    type: 'openvswitch',
    database: database ?? { kind: 'unix', path: given },
    bridge: table.required('bridge', 'name the bridge whose ports machines are plugged into'),
    caFile: table.path('ca_file'),
    certificateFile: table.path('certificate_file'),
    keyFile: table.path('key_file'),
  } as const;
  if (access.database.kind === 'ssl' && access.caFile === null) {
    table.problem('ca_file', 'is missing; with "ssl:" name the file with the certificate that vouches for the switch');
  }
  if ((access.certificateFile === null) !== (access.keyFile === null)) {
    table.problem('certificate_file', 'goes with key_file; set both or none');
  }
  return access;
}

function readSsh(table: Table): SshAccess {
  table.unknownKeys([...commonKeys, ...sshKeys]);
  const names = profiles.map((each) => `"${each.name}"`).join(', ');
  const given = table.required('profile', `allowed: ${names}`);
  const profile = findProfile(given);
  if (profile === undefined && given !== '') {
    table.problem('profile', `is "${given}"; allowed: ${names}`);
  }
  const port = table.values.port ?? 22;
  if (!Number.isInteger(port) || (port as number) < 1 || (port as number) > 65_535) {
    table.problem('port', `is ${JSON.stringify(port)}; allowed: a number from 1 to 65535`);
  }
  const hostKey = table.required(
    'host_key',
    'allowed: what `ssh-keygen -lf` prints of the key of the switch, "SHA256:..."',
  );
  if (hostKey !== '' && !/^SHA256:[A-Za-z0-9+/]{43}$/.test(hostKey)) {
    table.problem('host_key', `is "${hostKey}"; allowed: "SHA256:" and 43 characters, as \`ssh-keygen -lf\` prints it`);
  }
  const [passwordFile, keyFile] = [table.path('password_file'), table.path('key_file')];
  if (passwordFile === null && keyFile === null) {
    table.problem('password_file', 'is missing; name a file with the password, or one with a private key in key_file');
  }
  return {
    type: 'ssh',
    address: table.required('address', 'name the address of the switch'),
    port: port as number,
    profile: profile ?? (profiles[0] as SwitchProfile),
    username: table.required('username', 'name the user of the switch'),
    ...{ passwordFile, keyFile, hostKey },
    enablePasswordFile: table.path('enable_password_file'),
    legacyAlgorithms: table.boolean('legacy_algorithms'),
    save: table.boolean('save'),
  };
}

function readSwitchIds(table: Table): string[] {
  const ids = table.values.switch_ids;
  if (!Array.isArray(ids) || ids.length === 0 || !ids.every((id) => typeof id === 'string' && id !== '')) {
    table.problem(
      'switch_ids',
      `is ${JSON.stringify(ids) ?? 'missing'}; allowed: a list of what switch_id in local_link_connection of ports says, such as ["52:54:00:12:34:56"]`,
    );
    return [];
  }
  return ids.map((id: string) => id.toLowerCase());
}

function readSwitch(name: string, table: Table): SwitchDefinition {
  const allowed = table.text('allowed_vlans');
  const allowedVlans = allowed === null ? null : parseVlans(allowed);
  if (allowed !== null && allowedVlans === null) {
    table.problem('allowed_vlans', `is "${allowed}"; allowed: VLANs such as "100,200-210"`);
  }
  const defaultVlan = table.values.default_vlan ?? 1;
  if (!isVlan(defaultVlan)) {
    table.problem('default_vlan', `is ${JSON.stringify(defaultVlan)}; allowed: ${VLAN_RANGE_IN_WORDS}`);
  }
  return {
    name,
    switchIds: readSwitchIds(table),
    allowedVlans,
    defaultVlan: defaultVlan as number,
    access: readAccess(table),
  };
}

function readAccess(table: Table): SwitchDefinition['access'] {
  const type = table.required('type', 'allowed: "openvswitch", "ssh"');
  if (type !== 'openvswitch' && type !== 'ssh' && type !== '') {
    table.problem('type', `is "${type}"; allowed: "openvswitch", "ssh"`);
  }
  return type === 'ssh' ? readSsh(table) : readOpenvswitch(table);
}

/**
 * Reads the file.
 * @throws ConfigError with everything that is wrong with it
 */
export async function readSwitchFile(file: string): Promise<readonly SwitchDefinition[]> {
  let text: string;
  let document: Record<string, unknown>;
  try {
    text = await readFile(file, 'utf8');
    document = parse(text);
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    const message = `can not be read: ${reason}; it is named by ironic_networking.switch_config_file`;
    throw new ConfigError([{ file, line: null, key: null, message }]);
  }
  const lines = findKeyLines(text);
  const problems: ConfigProblem[] = [];
  const holders = new Map<string, string>();
  const switches = Object.entries(document).flatMap(([name, values]) => {
    const problem: Table['problem'] = (key, message) => {
      const line = (key === null ? undefined : lines.get(keyPath(name, key))) ?? lines.get(keyPath(name)) ?? null;
      problems.push({ file, line, key: key === null ? name : `${name}.${key}`, message });
    };
    if (typeof values !== 'object' || values === null || Array.isArray(values)) {
      problem(null, `is no table; write [NAME] for each switch, and its keys under it`);
      return [];
    }
    const read = readSwitch(name, new Table(values as Record<string, unknown>, dirname(file), problem));
    for (const id of read.switchIds) {
      const holder = holders.get(id);
      if (holder !== undefined) {
        problem('switch_ids', `"${id}" is a switch_id of "${holder}" as well; each belongs to one switch`);
      }
      holders.set(id, name);
    }
    return [read];
  });
  if (problems.length > 0) {
    throw new ConfigError(problems);
  }
  return switches;
}
