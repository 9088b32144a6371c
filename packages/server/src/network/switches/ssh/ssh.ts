// Switch driver ssh: ports of any switch with a command line, as a profile describes it.
import { type LagConfig, type PortState, vlansOf } from '../port-config.ts';
import { type SeenPort, SwitchError, type SwitchSession, type WantedPort } from '../switch-driver.ts';
import { parseVlans, sortedVlans, splitVlans } from '../vlans.ts';
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

/** The interface of the group with this number; of none when there is no number. */
const groupInterface = ({ group }: SwitchProfile, number: string) =>
  fillCommand(group?.name ?? '', { number })[0] ?? '';

function groupName(profile: SwitchProfile, name: string): string {
  const number = groupNumber(profile, name);
  return groupInterface(profile, number);
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
  if (patterns.routed !== null && one(patterns.routed) !== null) {
    return { tagged, reason: 'it is routed, and in no VLAN' };
  }
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
  const show = (port: string) => shell.run(fillCommand(profile.show, { port })[0] ?? profile.show);
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
  const groupPort = groupInterface(profile, number);
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

interface Change {
  readonly wanted: WantedPort;
  readonly former: Found;
}

function wordsFor(profile: SwitchProfile, { wanted, former }: Change) {
  const { state, description } = wanted;
  const all = vlansOf(state);
  const [first = '', ...allMore] = splitVlans(all);
  const number = state.lag === null ? '' : groupNumber(profile, state.lag.name);
  return {
    port: wanted.name,
    native: String(state.native_vlan),
    tagged: splitVlans(state.allowed_vlans),
    all: first,
    allMore,
    allApart: all.join(' '),
    surplus: splitVlans(former.tagged.filter((vlan) => !all.includes(vlan))),
    // Nothing that a command line takes for more than text.
    description: description.replaceAll(/[^\w .:-]/g, ' ').slice(0, 80),
    number,
    group: groupInterface(profile, number),
    formerNumber: former.groupNumber,
    formerGroup: groupInterface(profile, former.groupNumber),
  } satisfies Words;
}

/** The commands that make ports so, without those that begin and end a change. */
function commandsFor(profile: SwitchProfile, changes: readonly Change[]): string[] {
  const { group } = profile;
  const leaving: string[] = [];
  const rest: string[] = [];
  const fill = (templates: readonly string[], words: Words) => templates.flatMap((each) => fillCommand(each, words));
  const byGroup = Map.groupBy(changes, (change) => wordsFor(profile, change).number);
  for (const [number, members] of byGroup) {
    const joining: string[] = [];
    for (const change of members) {
      const { former, wanted } = change;
      const { state } = wanted;
      const words = wordsFor(profile, change);
      const vlans = state.mode === 'access' ? profile.access : profile.trunk;
      const isMember = former.groupNumber === number && former.seen.state?.lag?.aggregation === state.lag?.aggregation;
      if (group !== null && former.groupNumber !== '' && !isMember) {
        leaving.push(...fill(group.leave, words));
      }
      if (group === null || state.lag === null) {
        // What it had in the group stays there.
        joining.push(...fill(vlans, former.groupNumber === '' ? words : { ...words, surplus: [] }));
      } else if (!isMember) {
        const member = state.lag.aggregation === 'lacp' ? group.lacpMember : group.staticMember;
        joining.push(...fill(group.membersHaveVlans ? [...vlans, ...member] : member, words));
      }
    }
    const [first] = members;
    const lag = first?.wanted.state.lag ?? null;
    if (group === null || first === undefined || lag === null) {
      rest.push(...joining);
      continue;
    }
    const words = wordsFor(profile, first);
    // What the port had by itself is not on the group.
    const surplus = first.former.groupNumber === number ? words.surplus : [];
    const own = [
      ...fill(first.wanted.state.mode === 'access' ? profile.access : profile.trunk, {
        ...words,
        ...{ port: words.group, surplus },
      }),
      ...fill(lag.aggregation === 'lacp' ? group.lacpGroup : group.staticGroup, words),
    ];
    rest.push(...(group.membersHaveVlans ? [...joining, ...own] : [...own, ...joining]));
  }
  // All first: a group changes between LACP and static only while it has no members.
  return [...leaving, ...rest];
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
      const known: Change[] = [];
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
