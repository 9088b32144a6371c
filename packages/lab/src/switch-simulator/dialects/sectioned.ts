// Command lines with sections ("interface X"), of which each knows what its data says.
import {
  type Answer,
  type CommandLine,
  configurationText,
  type Dialect,
  findInterface,
  type InterfaceLines,
  type SwitchState,
} from '../command-line.ts';
import { type LineRule, type SectionedDialect, sectionedDialects } from './sections.ts';

/** Longer lines are not taken. */
const LONGEST_LINE = 254;

/** "100,102-104" as numbers. */
function listOf(text: string): Set<number> {
  const numbers = text.split(',').flatMap((item) => {
    const [first = Number.NaN, last = first] = item.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
  return new Set(numbers);
}

const inOrder = (numbers: Set<number>) => [...numbers].sort((a, b) => a - b).join(',');

/** The line as it is shown: in parts where it is long. */
function shownLines(rules: readonly LineRule[], line: string): readonly string[] {
  const rule = rules.find(({ key, hasAdd }) => hasAdd && line.startsWith(`${key} `));
  if (rule === undefined) return [line];
  const items = line.slice(rule.key.length + 1).split(',');
  const parts = Array.from({ length: Math.ceil(items.length / 12) }, (_, at) => items.slice(at * 12, at * 12 + 12));
  return parts.map((part, at) => `${rule.key} ${at === 0 ? '' : 'add '}${part.join(',')}`);
}

/** Takes a line of an interface. @returns what is said to that; null: there is no such line */
function takeLine(rules: readonly LineRule[], lines: InterfaceLines, line: string): string | null {
  const isNo = line.startsWith('no ');
  const text = isNo ? line.slice('no '.length) : line;
  const rule = rules
    .filter(({ key, isBare }) => text === key || (!isBare && text.startsWith(`${key} `)))
    .sort((a, b) => b.key.length - a.key.length)[0];
  if (rule === undefined) return null;
  const { needs } = rule;
  const given = text.slice(rule.key.length).trim();
  if (isNo && rule.noHasValue && given === '') return null;
  if (needs !== undefined && !isNo && given === needs.value && ![...lines.values()].includes(needs.line)) {
    return needs.refusal;
  }
  const value = rule.hasAdd ? given.replace(/^add /, '') : given;
  const before = lines.get(rule.key)?.slice(rule.key.length).trim() ?? '';
  const isReplaced = rule.hasAdd && value === given;
  if (rule.isList && value !== '') {
    const listed = before === '' || isReplaced ? new Set<number>() : listOf(before);
    const next = isNo ? listed.difference(listOf(value)) : listed.union(listOf(value));
    if (next.size === 0) lines.delete(rule.key);
    else lines.set(rule.key, `${rule.key} ${inOrder(next)}`);
  } else if (isNo && rule.isBare) lines.set(rule.key, line);
  else if (isNo || rule.hidden?.includes(text)) lines.delete(rule.key);
  else lines.set(rule.key, text);
  if (!isNo) for (const gone of rule.clears ?? []) lines.delete(gone);
  return '';
}

const isLacp = (line: string) => /mode (active|passive)$/.test(line);

/** Makes the command line of one of them. */
export function sectionedDialect(name: keyof typeof sectionedDialects): Dialect {
  const dialect: SectionedDialect = sectionedDialects[name];
  return (state: SwitchState): CommandLine => {
    let isAdministrator = !dialect.needsEnable || state.enablePassword === null;
    let asked: 'enable' | 'save' | null = null;
    let section = '';
    let context: 'exec' | 'config' | InterfaceLines = 'exec';

    function enterInterface(given: string): Answer {
      const found = findInterface(state, given);
      if (found === undefined && !dialect.group.test(given)) return { text: dialect.invalid };
      if (found === undefined) state.interfaces.set(given, new Map());
      context = (found?.[1] ?? state.interfaces.get(given)) as InterfaceLines;
      section = dialect.section(found?.[0] ?? given);
      return { text: '' };
    }

    function show(given: string): Answer {
      const found = findInterface(state, given);
      if (found === undefined) return { text: dialect.invalid };
      const [title, lines] = found;
      const shown = [...lines.values()].flatMap((line) => shownLines(dialect.rules, line));
      return {
        text: [...dialect.heading, `interface ${title}`, ...shown.map((line) => ` ${line}`), 'end'].join('\n'),
      };
    }

    /** A member that is of LACP goes with no group of others, and the first one makes the group. */
    function joinGroup(line: string): string | null {
      const [, number] = /^channel-group (\d+)/.exec(line) ?? [];
      if (number === undefined || dialect.mixedGroup === null) return null;
      const others = [...state.interfaces.values()].filter((each) => each !== context);
      const lines = others.flatMap((each) => each.get('channel-group') ?? []);
      if (lines.some((each) => each.startsWith(`channel-group ${number} `) && isLacp(each) !== isLacp(line))) {
        return dialect.mixedGroup;
      }
      if (findInterface(state, `port-channel${number}`) === undefined) {
        const own = [...(context as InterfaceLines)].filter(([key]) => key.startsWith('switchport'));
        state.interfaces.set(`Port-channel${number}`, new Map(own));
      }
      return null;
    }

    function save(): Answer {
      const isFirst = state.saved === null;
      if (isFirst && dialect.saveQuestion !== undefined && asked === null) {
        asked = 'save';
        return { text: '', question: dialect.saveQuestion };
      }
      state.saved = configurationText(state);
      return { text: '' };
    }

    function execute(line: string): Answer {
      if (line === 'enable') {
        asked = 'enable';
        return { text: '', question: 'Password: ' };
      }
      const [, shown] = dialect.show.exec(line) ?? [];
      if (!isAdministrator) return { text: dialect.invalid };
      if (shown !== undefined) return show(shown);
      if (dialect.configure.includes(line)) context = 'config';
      else if (line === dialect.save) return save();
      else if (!dialect.prepare.includes(line)) return { text: dialect.invalid };
      return { text: '' };
    }

    return {
      prompt() {
        if (context === 'exec') return `${state.hostname}${isAdministrator ? '#' : '>'}`;
        return `${state.hostname}(${context === 'config' ? 'config' : section})#`;
      },
      enter(line) {
        if (asked === 'save') {
          const answer = save();
          asked = null;
          return answer;
        }
        if (asked === 'enable') {
          asked = null;
          isAdministrator = line === state.enablePassword;
          return { text: isAdministrator ? '' : '% Bad secrets' };
        }
        if (line === '') return { text: '' };
        if (line.length > LONGEST_LINE) return { text: dialect.invalid };
        if (context === 'exec') return execute(line);
        if (line === 'end') {
          context = 'exec';
          return { text: '' };
        }
        const [, named] = /^interface (.+)$/i.exec(line) ?? [];
        if (named !== undefined) return enterInterface(named);
        const said = context === 'config' ? null : (joinGroup(line) ?? takeLine(dialect.rules, context, line));
        return { text: said ?? dialect.invalid };
      },
    };
  };
}
