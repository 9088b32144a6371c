// What a simulated switch is made of: its ports with their configuration, and the command line of somebody who logged in.

/** The configuration of one interface: each line under what it is about, so that a later one takes its place. */
export type InterfaceLines = Map<string, string>;

/** What a simulated switch has; all sessions work on the same. */
export interface SwitchState {
  readonly hostname: string;
  /** Ports by name as the switch writes it; groups are added when they are made. */
  readonly interfaces: Map<string, InterfaceLines>;
  /** What a restart would bring back: set by the command that saves. */
  saved: string | null;
  /** Asked of whoever becomes an administrator; null: the switch does not ask. */
  readonly enablePassword: string | null;
}

/** What a switch says to a line: text, without the prompt. */
export interface Answer {
  readonly text: string;
  /** The next line is the answer to this question, and is not repeated on the terminal. */
  readonly question?: string;
}

export interface CommandLine {
  prompt(): string;
  enter(line: string): Answer;
}

/** Begins a session of one kind of switch. */
export type Dialect = (state: SwitchState) => CommandLine;

/** The interface of this name, whatever its case. */
export function findInterface({ interfaces }: SwitchState, name: string): [string, InterfaceLines] | undefined {
  return [...interfaces].find(([each]) => each.toLowerCase() === name.toLowerCase());
}

/** The configuration as text, for whoever saves it. */
export function configurationText({ interfaces }: SwitchState): string {
  return [...interfaces].map(([name, lines]) => `interface ${name}\n ${[...lines.values()].join('\n ')}\n`).join('');
}
