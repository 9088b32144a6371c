// Command lines with sections ("interface X"): Cisco IOS and NX-OS, Arista EOS, Dell OS10, AOS-CX; what differs between them is data.
import {
  type Answer,
  type CommandLine,
  configurationText,
  type Dialect,
  findInterface,
  type InterfaceLines,
  type SwitchState,
} from '../command-line.ts';

/** A line that an interface may have. */
interface LineRule {
  /** What it is about; the value follows. A line that begins with "no" and this removes it. */
  readonly key: string;
  /** A list of VLANs that grows with each line, and from which "no" takes. */
  readonly isList?: true;
  /** Lines that are gone when this one comes. */
  readonly clears?: readonly string[];
  /** What is so by itself, and so is not shown. */
  readonly hidden?: readonly string[];
}

interface SectionedDialect {
  readonly configure: readonly string[];
  readonly show: RegExp;
  readonly save: string;
  readonly prepare: readonly string[];
  readonly needsEnable: boolean;
  readonly group: RegExp;
  readonly rules: readonly LineRule[];
  readonly invalid: string;
  readonly heading: readonly string[];
}

const switchportRules = (hidden: { mode: boolean; vlan: boolean }): readonly LineRule[] => [
  { key: 'switchport access vlan', hidden: hidden.vlan ? ['switchport access vlan 1'] : [] },
  { key: 'switchport mode', hidden: hidden.mode ? ['switchport mode access'] : [] },
  { key: 'switchport trunk native vlan', hidden: hidden.vlan ? ['switchport trunk native vlan 1'] : [] },
];

const common = [{ key: 'description' }, { key: 'shutdown' }, { key: 'channel-group' }] as const;
const ciscoLines = { key: 'switchport trunk allowed vlan' } as const;
const bareSwitchport = { key: 'switchport', hidden: ['switchport'] } as const;

const cisco = {
  configure: ['configure terminal'],
  show: /^show running-config interface (.+)$/i,
  save: 'write memory',
  prepare: ['terminal length 0', 'terminal width 0'],
  needsEnable: true,
  group: /^port-channel\d+$/i,
  rules: [...common, ...switchportRules({ mode: false, vlan: true }), ciscoLines],
  invalid: "% Invalid input detected at '^' marker.",
  heading: ['Building configuration...', '', 'Current configuration : 84 bytes', '!'],
} as const satisfies SectionedDialect;

/** By the name of the profile that speaks to them. */
export const sectionedDialects = {
  'cisco-ios': cisco,
  'cisco-nxos': {
    ...cisco,
    save: 'copy running-config startup-config',
    needsEnable: false,
    rules: [...common, bareSwitchport, ...switchportRules({ mode: true, vlan: true }), ciscoLines],
    heading: ['', '!Command: show running-config interface', '!Running configuration', ''],
  },
  'arista-eos': {
    ...cisco,
    configure: ['configure', 'configure terminal'],
    prepare: ['terminal length 0', 'terminal width 32767'],
    rules: [...common, bareSwitchport, ...switchportRules({ mode: true, vlan: true }), ciscoLines],
    invalid: '% Invalid input',
    heading: [],
  },
  'dell-os10': {
    ...cisco,
    show: /^show running-configuration interface (.+)$/i,
    prepare: ['terminal length 0'],
    needsEnable: false,
    rules: [
      ...common,
      ...switchportRules({ mode: false, vlan: false }),
      { key: 'switchport trunk allowed vlan', isList: true },
    ],
    invalid: '% Error: Unrecognized command.',
    heading: ['!'],
  },
  'aruba-aoscx': {
    ...cisco,
    prepare: ['no page'],
    needsEnable: false,
    group: /^lag \d+$/i,
    rules: [
      { key: 'description' },
      { key: 'shutdown' },
      { key: 'routing' },
      { key: 'lag', clears: ['vlan access', 'vlan trunk native', 'vlan trunk allowed'] },
      { key: 'lacp mode' },
      { key: 'vlan access', clears: ['vlan trunk native', 'vlan trunk allowed'] },
      { key: 'vlan trunk native', clears: ['vlan access'] },
      { key: 'vlan trunk allowed', isList: true, clears: ['vlan access'] },
    ],
    invalid: 'Invalid input: ',
    heading: [],
  },
} as const satisfies Readonly<Record<string, SectionedDialect>>;

/** "100,102-104" as numbers. */
function listOf(text: string): Set<number> {
  const numbers = text.split(',').flatMap((item) => {
    const [first = Number.NaN, last = first] = item.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
  return new Set(numbers);
}

const inOrder = (numbers: Set<number>) => [...numbers].sort((a, b) => a - b).join(',');

/** Takes a line of an interface; false when there is no such. */
function takeLine(rules: readonly LineRule[], lines: InterfaceLines, line: string): boolean {
  const isNo = line.startsWith('no ');
  const text = isNo ? line.slice('no '.length) : line;
  const rule = rules
    .filter(({ key }) => text === key || text.startsWith(`${key} `))
    .sort((a, b) => b.key.length - a.key.length)[0];
  if (rule === undefined) return false;
  const value = text.slice(rule.key.length).trim();
  const before = lines.get(rule.key)?.slice(rule.key.length).trim() ?? '';
  if (rule.isList && value !== '') {
    const listed = before === '' ? new Set<number>() : listOf(before);
    const next = isNo ? listed.difference(listOf(value)) : listed.union(listOf(value));
    if (next.size === 0) lines.delete(rule.key);
    else lines.set(rule.key, `${rule.key} ${inOrder(next)}`);
  } else if (isNo || rule.hidden?.includes(text)) lines.delete(rule.key);
  else lines.set(rule.key, text);
  if (!isNo) for (const gone of rule.clears ?? []) lines.delete(gone);
  return true;
}

/** Makes the command line of one of them. */
export function sectionedDialect(name: keyof typeof sectionedDialects): Dialect {
  const dialect: SectionedDialect = sectionedDialects[name];
  return (state: SwitchState): CommandLine => {
    let isAdministrator = !dialect.needsEnable || state.enablePassword === null;
    let isAsked = false;
    let context: 'exec' | 'config' | InterfaceLines = 'exec';

    function enterInterface(given: string): Answer {
      const found = findInterface(state, given);
      if (found === undefined && !dialect.group.test(given)) return { text: dialect.invalid };
      if (found === undefined) state.interfaces.set(given, new Map());
      context = (found?.[1] ?? state.interfaces.get(given)) as InterfaceLines;
      return { text: '' };
    }

    function show(given: string): Answer {
      const found = findInterface(state, given);
      if (found === undefined) return { text: dialect.invalid };
      const [title, lines] = found;
      return {
        text: [...dialect.heading, `interface ${title}`, ...[...lines.values()].map((line) => ` ${line}`), 'end'].join(
          '\n',
        ),
      };
    }

    function execute(line: string): Answer {
      if (line === 'enable') {
        isAsked = true;
        return { text: '', question: 'Password: ' };
      }
      const [, shown] = dialect.show.exec(line) ?? [];
      if (!isAdministrator) return { text: dialect.invalid };
      if (shown !== undefined) return show(shown);
      if (dialect.configure.includes(line)) context = 'config';
      else if (line === dialect.save) state.saved = configurationText(state);
      else if (!dialect.prepare.includes(line)) return { text: dialect.invalid };
      return { text: '' };
    }

    return {
      prompt() {
        if (context === 'exec') return `${state.hostname}${isAdministrator ? '#' : '>'}`;
        return `${state.hostname}(config${context === 'config' ? '' : '-if'})#`;
      },
      enter(line) {
        if (isAsked) {
          isAsked = false;
          isAdministrator = line === state.enablePassword;
          return { text: isAdministrator ? '' : '% Bad secrets' };
        }
        if (line === '') return { text: '' };
        if (context === 'exec') return execute(line);
        if (line === 'end') {
          context = 'exec';
          return { text: '' };
        }
        const [, named] = /^interface (.+)$/i.exec(line) ?? [];
        if (named !== undefined) return enterInterface(named);
        const isTaken = context !== 'config' && takeLine(dialect.rules, context, line);
        return { text: isTaken ? '' : dialect.invalid };
      },
    };
  };
}
