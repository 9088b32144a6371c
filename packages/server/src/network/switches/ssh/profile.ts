// What a switch profile says, as data: the commands of one command line, and how its configuration reads.

/**
 * Commands and patterns hold words in braces. {port}: the port. {native}: the untagged VLAN. {tagged}: the tagged VLANs, {surplus}:
 * tagged VLANs that the port has and is not to have, as "100,102-104"; {all}: the tagged ones and the untagged one, as far as they go
 * into one line, {allMore}: the others; {allApart}: all of them with spaces. {description}: who uses the port. {group}, {number}: the
 * group and its number. {formerGroup}, {formerNumber}: the one that the port leaves. A command with a word that is empty is left out, and
 * one with VLANs that are too many for a line is repeated. A command after "? " may be refused, by models that do not know it.
 */
type Commands = readonly string[];

/** Patterns of lines of a port's configuration, each for one line without the space around it. */
export interface LinePatterns {
  /** The line that says that the port is in this mode. */
  readonly access: string;
  readonly trunk: string;
  /** VLANs in the first group; `tagged` may match many lines. */
  readonly accessVlan: string;
  readonly nativeVlan: string;
  readonly tagged: string;
  /** The line that says that the port is routed, and so in no VLAN; null: there is no such line. */
  readonly routed: string | null;
}

/** Link aggregation. */
export interface GroupCommands {
  /** The interface of the group, such as "Port-channel{number}". */
  readonly name: string;
  /** In the configuration of a port: the number of its group in the first group. */
  readonly member: string;
  /** In the configuration of a port or of its group: the group speaks LACP. */
  readonly lacp: string;
  /** The port leaves its group. */
  readonly leave: Commands;
  /** The group is made and the port joins it, with the VLANs of `access` and `trunk` on {group}. */
  readonly lacpGroup: Commands;
  readonly staticGroup: Commands;
  readonly lacpMember: Commands;
  readonly staticMember: Commands;
  /** Members have VLANs of their own, which must be those of the group, and the first member that joins makes the group. */
  readonly membersHaveVlans: boolean;
}

/** The prompt of an administrator, outside of sections and in them: "leaf1(s1)(config-if-Et1/1)#", "OS10(conf-if-eth1/1/1)#". */
export const sectionPrompt = /^[\w.:/+@[\]-]+(\([^()]+\)){0,3}#$/;

export interface SwitchProfile {
  /** As switches name it: "cisco-ios". */
  readonly name: string;
  readonly title: string;
  /** Where the commands are described. */
  readonly source: readonly string[];
  /** The end of what is sent when a command is done, after the last line break. */
  readonly prompt: RegExp;
  /** The prompt of a user who has to become an administrator first, and the command for that. */
  readonly enable: { readonly prompt: RegExp; readonly command: string; readonly question: RegExp } | null;
  /** What a command may ask, to be answered with the Enter key; null: none of these commands asks. */
  readonly confirm: RegExp | null;
  /** Lines that say that a command was refused. */
  readonly refusals: readonly RegExp[];
  /** Once after the login: no pages, long lines. */
  readonly prepare: Commands;
  readonly show: string;
  readonly lines: LinePatterns;
  /** What the configuration leaves out because it is so by itself. */
  readonly defaults: { readonly mode: 'access' | null; readonly vlan: number | null };
  readonly begin: Commands;
  readonly access: Commands;
  readonly trunk: Commands;
  /** Makes it so. */
  readonly end: Commands;
  /** Leaves without a change, after a refusal. */
  readonly abort: Commands;
  /** Keeps it over a restart of the switch; none where `end` does. */
  readonly save: Commands;
  /** Null: groups are not configured on these switches. */
  readonly group: GroupCommands | null;
}

/** The words of a command; one that is a list comes in parts. */
export type Words = Readonly<Record<string, string | readonly string[]>>;

/** The command with its words, once for each part of a word; none when a word is empty. */
export function fillCommand(command: string, words: Words): readonly string[] {
  let filled: readonly string[] = [command];
  for (const [braced, name = ''] of command.matchAll(/\{(\w+)\}/g)) {
    const parts = [words[name] ?? ''].flat().filter((part) => part !== '');
    filled = filled.flatMap((each) => parts.map((part) => each.replace(braced, () => part)));
  }
  return filled;
}

/** The pattern with its words, each taken as it is. */
export function fillPattern(pattern: string, words: Readonly<Record<string, string>>): RegExp {
  return new RegExp(
    pattern.replaceAll(/\{([a-z]\w*)\}/gi, (_, name: string) => RegExp.escape(words[name] ?? '')),
    'i',
  );
}
