// The command line of Junos, as far as interfaces go: a candidate of set statements that takes effect with a commit.
import { type Answer, type CommandLine, configurationText, type SwitchState } from '../command-line.ts';

/** Statements that an interface may have; "vlan members" may be there many times. */
const known = [
  'description',
  'native-vlan-id',
  'unit 0 family ethernet-switching interface-mode',
  'unit 0 family ethernet-switching vlan members',
  'ether-options 802.3ad',
  'aggregated-ether-options lacp',
];

type Candidate = Map<string, Set<string>>;

/** Changes an interface. @returns what is said before the next prompt */
function take(candidate: Candidate, verb: string, name: string, statement: string): string {
  const held = candidate.get(name) ?? new Set<string>();
  if (verb === 'delete') {
    const gone = [...held].filter((each) => each === statement || each.startsWith(`${statement} `));
    for (const each of gone) held.delete(each);
    return `${gone.length === 0 ? 'warning: statement not found' : ''}\n[edit]`;
  }
  const key = known.find((each) => statement.startsWith(`${each} `));
  if (key === undefined) return 'syntax error.';
  const value = statement.slice(key.length + 1);
  const isList = key.endsWith('vlan members');
  const values = isList ? value.replace(/^\[ (.*) \]$/, '$1').split(' ') : [value];
  if (!isList) for (const each of held) if (each.startsWith(`${key} `)) held.delete(each);
  for (const each of values) held.add(`${key} ${each}`);
  candidate.set(name, held);
  return '\n[edit]';
}

/** Begins a session. */
export function junosDialect(state: SwitchState): CommandLine {
  let candidate: Candidate | undefined;
  const at = () => `${'user'}@${state.hostname}`;

  function commit(): Answer {
    for (const [name, statements] of candidate ?? []) {
      state.interfaces.set(name, new Map([...statements].map((each) => [each, each])));
    }
    candidate = undefined;
    state.saved = configurationText(state);
    return { text: 'commit complete\nExiting configuration mode' };
  }

  function execute(line: string): Answer {
    if (line === 'set cli complete-on-space off') return { text: 'Disabling complete-on-space' };
    if (line.startsWith('set cli ')) return { text: 'Screen set' };
    if (line === 'configure private') {
      candidate = new Map([...state.interfaces].map(([name, lines]) => [name, new Set(lines.values())]));
      return { text: 'warning: uncommitted changes will be discarded on exit\nEntering configuration mode\n\n[edit]' };
    }
    const [, name] = /^show configuration interfaces (\S+) \| display set$/.exec(line) ?? [];
    if (name === undefined) return { text: 'unknown command.' };
    const lines = [...(state.interfaces.get(name)?.values() ?? [])];
    return { text: lines.map((each) => `set interfaces ${name} ${each}`).join('\n') };
  }

  return {
    prompt: () => `${at()}${candidate === undefined ? '> ' : '# '}`,
    enter(line) {
      if (line === '') return { text: '' };
      if (candidate === undefined) return execute(line);
      if (line === 'commit and-quit') return commit();
      if (line === 'rollback 0') return { text: 'load complete\n\n[edit]' };
      if (line === 'exit configuration-mode') {
        candidate = undefined;
        return { text: 'Exiting configuration mode' };
      }
      const [, verb = '', name = '', statement = ''] = /^(set|delete) interfaces (\S+) (.+)$/.exec(line) ?? [];
      return { text: verb === '' ? 'syntax error.' : take(candidate, verb, name, statement) };
    },
  };
}
