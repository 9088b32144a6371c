// The shell of Cumulus Linux with NVUE, as far as VLANs of interfaces go: a pending revision that takes effect when it is applied.
import { type Answer, type CommandLine, configurationText, type SwitchState } from '../command-line.ts';

type Pending = Map<string, Map<string, string>>;

function asJson(lines: ReadonlyMap<string, string>): string {
  const vlans = (lines.get('vlan') ?? '').split(',').filter((each) => each !== '');
  const number = (key: string) => (lines.has(key) ? { [key]: Number(lines.get(key)) } : {});
  const value = {
    ...number('access'),
    learning: 'on',
    stp: { 'admin-edge': 'off', network: 'off' },
    ...number('untagged'),
    ...(vlans.length === 0 ? {} : { vlan: Object.fromEntries(vlans.map((vlan) => [vlan, {}])) }),
  };
  return JSON.stringify(value, null, 2);
}

/** Begins a session. */
export function nvueDialect(state: SwitchState): CommandLine {
  let pending: Pending | undefined;

  function change(name: string): Map<string, string> | undefined {
    pending ??= new Map([...state.interfaces].map(([each, lines]) => [each, new Map(lines)]));
    return pending.get(name);
  }

  function enter(line: string): Answer {
    const [, shown] =
      /^nv show interface (\S+) bridge domain br_default --applied --output json --color off$/.exec(line) ?? [];
    if (shown !== undefined) {
      const lines = state.interfaces.get(shown);
      const isInBridge = ['access', 'untagged', 'vlan'].some((key) => lines?.has(key));
      return { text: lines !== undefined && isInBridge ? asJson(lines) : 'Error: The requested item does not exist.' };
    }
    const [, verb, name = '', key, value = ''] =
      /^nv (set|unset) interface (\S+) (?:bridge domain br_default ?)?(access|untagged|vlan|description)? ?(.*)$/.exec(
        line,
      ) ?? [];
    if (verb !== undefined) {
      const lines = change(name);
      if (lines === undefined) return { text: `Error: '${name}' is no interface.` };
      // VLANs come to those that there are.
      if (verb === 'set' && key === 'vlan') lines.set(key, [lines.get(key) ?? [], value].flat().join(','));
      else if (verb === 'set' && key !== undefined) lines.set(key, value);
      else for (const each of ['access', 'untagged', 'vlan']) lines.delete(each);
      return { text: '' };
    }
    switch (line) {
      case 'nv config apply --assume-yes':
        for (const [each, lines] of pending ?? []) state.interfaces.set(each, lines);
        pending = undefined;
        return { text: 'applied [rev_id: 7]' };
      case 'nv config detach':
        pending = undefined;
        return { text: '' };
      case 'nv config save':
        state.saved = configurationText(state);
        return { text: 'saved' };
      default:
        return { text: line === '' ? '' : `-bash: ${line.split(' ')[0]}: command not found` };
    }
  }

  return { prompt: () => `cumulus@${state.hostname}:mgmt:~$ `, enter };
}
