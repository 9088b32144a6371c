// Switch driver ssh: ports of any switch with a command line, as a profile describes it.
import { type LagConfig, type PortState, vlansOf } from '../port-config.ts';
import { type SeenPort, SwitchError, type SwitchSession, type WantedPort } from '../switch-driver.ts';
import { formatVlans, parseVlans, sortedVlans } from '../vlans.ts';
import { fillCommand, fillPattern, type SwitchProfile, type Words } from './profile.ts';
import { openShell, type Shell, type ShellOptions } from './shell.ts';

export interface SshOptions extends ShellOptions {
  readonly profile: SwitchProfile;
  /** Changes are kept over a restart of the switch. */
  readonly save: boolean;
}

/** What the configuration of a port tells, also where that is no `PortState`. */
interface Found {
  readonly seen: SeenPort;
  readonly groupNumber: string;
  readonly tagged: readonly number[];
}

/** The first group of the pattern in the first line that has it. */
function firstMatch(lines: readonly string[], pattern: RegExp): string | null {
  for (const line of lines) {
    const found = pattern.exec(line);
    if (found !== null) {
      return found[1] ?? '';
    }
  }
  return null;
}

const isSafeName = (name: string) => /^[\w./:-]+( \d+)?$/.test(name);

/** The number at the end of a group's name. @throws SwitchError */
function groupNumber(profile: SwitchProfile, name: string): string {
  const [number] = /\d+$/.exec(name) ?? [];
  if (number === undefined || profile.group === null) {
    throw new SwitchError(
      profile.group === null
        ? `the profile "${profile.name}" configures no link aggregation; group "${name}" has to be made by hand`
        : `"${name}" is no name of a group here; lag_name has to end with its number, such as "${profile.group.name.replace('{number}', '7')}"`,
    );
  }
  return number;
}

function groupName(profile: SwitchProfile, name: string): string {
  const number = groupNumber(profile, name);
  return fillCommand(profile.group?.name ?? '', { number }) ?? name;
}

function readVlans(
  { lines: patterns, defaults }: SwitchProfile,
  lines: readonly string[],
  port: string,
): { readonly tagged: readonly number[] } & (
  | { readonly config: Omit<PortState, 'lag'> }
  | { readonly reason: string }
) {
  const words = { port };
  const one = (pattern: string) => firstMatch(lines, fillPattern(pattern, words));
  const tagged = sortedVlans(
    lines.flatMap((line) => {
      const [, found] = fillPattern(patterns.tagged, words).exec(line) ?? [];
      return found === undefined ? [] : (parseVlans(found) ?? []);
    }),
  );
  const mode = one(patterns.trunk) !== null ? 'trunk' : one(patterns.access) !== null ? 'access' : defaults.mode;
  if (mode === null) {
    return { tagged, reason: 'its configuration names no mode' };
  }
  const vlan = one(mode === 'trunk' ? patterns.nativeVlan : patterns.accessVlan) ?? defaults.vlan;
  if (vlan === null) {
    return { tagged, reason: `it is in mode ${mode} and names no untagged VLAN` };
  }
  if (mode === 'trunk' && tagged.length === 0) {
    return { tagged, reason: `it is in mode trunk, with untagged VLAN ${vlan} and no list of tagged ones` };
  }
  return { tagged, config: { mode, native_vlan: Number(vlan), allowed_vlans: mode === 'trunk' ? tagged : [] } };
}

/** @throws SwitchError */
async function readPort(shell: Shell, profile: SwitchProfile, name: string): Promise<Found> {
  if (!isSafeName(name)) {
    throw new SwitchError(`${JSON.stringify(name)} is no name of a port; look at local_link_connection/port_id`);
  }
  const show = (port: string) => shell.run(fillCommand(profile.show, { port }) ?? profile.show);
  const own = await show(name);
  const { group } = profile;
  const number = group === null ? null : firstMatch(own, fillPattern(group.member, { port: name }));
  if (group === null || number === null) {
    const read = readVlans(profile, own, name);
    return {
      seen:
        'config' in read ? { name, state: { ...read.config, lag: null } } : { name, state: null, reason: read.reason },
      groupNumber: '',
      tagged: read.tagged,
    };
  }
  const groupPort = fillCommand(group.name, { number }) ?? '';
  const lines = await show(groupPort);
  const read = readVlans(profile, lines, groupPort);
  const isLacp = [...own, ...lines].some((line) => fillPattern(group.lacp, { port: name }).test(line));
  const lag: LagConfig = { name: groupPort, aggregation: isLacp ? 'lacp' : 'static' };
  return {
    seen:
      'config' in read
        ? { name, state: { ...read.config, lag } }
        : { name, state: null, reason: `it is in group "${groupPort}", and ${read.reason}` },
    groupNumber: number,
    tagged: read.tagged,
  };
}

function wordsFor(profile: SwitchProfile, port: string, state: PortState, description: string, former: Found): Words {
  const all = vlansOf(state);
  const number = state.lag === null ? '' : groupNumber(profile, state.lag.name);
  const formerNumber = former.groupNumber;
  const name = (of: string) => (of === '' ? '' : (fillCommand(profile.group?.name ?? '', { number: of }) ?? ''));
  return {
    port,
    native: String(state.native_vlan),
    tagged: formatVlans(state.allowed_vlans),
    all: formatVlans(all),
    allApart: all.join(' '),
    surplus: formatVlans(former.tagged.filter((vlan) => !all.includes(vlan))),
    // Nothing that a command line takes for more than text.
    description: description.replaceAll(/[^\w .:-]/g, ' ').slice(0, 80),
    number,
    group: name(number),
    formerNumber,
    formerGroup: name(formerNumber),
  };
}

const NOT_GROUPED: Omit<Found, 'seen'> = { groupNumber: '', tagged: [] };

/** The commands that make ports so, without those that begin and end a change. */
function commandsFor(
  profile: SwitchProfile,
  ports: readonly { readonly wanted: WantedPort; readonly former: Found }[],
): string[] {
  const commands: string[] = [];
  const add = (templates: readonly string[], words: Words) =>
    commands.push(...templates.map((each) => fillCommand(each, words)).filter((each) => each !== null));
  const made = new Set<string>();
  for (const { wanted, former } of ports) {
    const { name, state, description } = wanted;
    const words = wordsFor(profile, name, state, description, former);
    const vlans = state.mode === 'access' ? profile.access : profile.trunk;
    const { group } = profile;
    const isMember =
      former.groupNumber === words.number && former.seen.state?.lag?.aggregation === state.lag?.aggregation;
    if (group !== null && former.groupNumber !== '' && !isMember) {
      add(group.leave, words);
    }
    if (group === null || state.lag === null) {
      // What it had in the group stays there.
      add(
        vlans,
        former.groupNumber === '' ? words : wordsFor(profile, name, state, description, { ...former, ...NOT_GROUPED }),
      );
      continue;
    }
    const isLacp = state.lag.aggregation === 'lacp';
    if (!made.has(words.number ?? '')) {
      made.add(words.number ?? '');
      // What the port had by itself is not on the group.
      const surplus = former.groupNumber === words.number ? (words.surplus ?? '') : '';
      add(vlans, { ...words, port: words.group ?? '', surplus });
      add(isLacp ? group.lacpGroup : group.staticGroup, words);
    }
    if (!isMember) {
      if (group.membersHaveVlans) {
        add(vlans, words);
      }
      add(isLacp ? group.lacpMember : group.staticMember, words);
    }
  }
  return commands;
}

/** Leaves a change that was refused. @returns the error to throw */
async function abandon(shell: Shell, profile: SwitchProfile, error: unknown): Promise<unknown> {
  try {
    for (const command of profile.abort) {
      await shell.run(command);
    }
    return error;
  } catch (second) {
    const reason = (each: unknown) => (each instanceof Error ? each.message : String(each));
    return new SwitchError(`${reason(error)}; and the change could not be left: ${reason(second)}`, { cause: error });
  }
}

/** Connects to a switch. @throws SwitchError */
export async function openSsh(options: SshOptions, signal: AbortSignal): Promise<SwitchSession> {
  const { profile } = options;
  const shell = await openShell(profile, options, signal);
  return {
    groupName: (name) => groupName(profile, name),
    async readPorts(names) {
      const seen: SeenPort[] = [];
      for (const name of names) {
        seen.push((await readPort(shell, profile, name)).seen);
      }
      return seen;
    },
    async writePorts(ports) {
      const known: { wanted: WantedPort; former: Found }[] = [];
      for (const wanted of ports) {
        known.push({ wanted, former: await readPort(shell, profile, wanted.name) });
      }
      const commands = commandsFor(profile, known);
      try {
        for (const command of [...profile.begin, ...commands, ...profile.end]) {
          await shell.run(command);
        }
      } catch (error) {
        throw await abandon(shell, profile, error);
      }
      for (const command of options.save ? profile.save : []) {
        await shell.run(command);
      }
    },
    close: () => shell.close(),
  };
}
