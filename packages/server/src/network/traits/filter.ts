// The expressions that say which port may carry which VIF: read into a tree once, with the place of whatever is wrong, then asked often.
//
//   expression = conjunction { "||" conjunction }
//   conjunction = primary { "&&" primary }
//   primary = "(" expression ")" | function | variable comparator literal
//   literal = "'" { letter | digit | "_" | "-" | "." } "'"
const COMPARATORS = ['==', '!=', '>=', '<=', '=~', '>', '<'] as const;
type Comparator = (typeof COMPARATORS)[number];

const FUNCTIONS = ['port.is_port', 'port.is_portgroup'] as const;
const VARIABLES = [
  'network.name',
  'network.tags',
  'port.address',
  'port.category',
  'port.physical_network',
  'port.vendor',
] as const;
type FilterFunction = (typeof FUNCTIONS)[number];
type Variable = (typeof VARIABLES)[number];

/** Those that ask something of a list: whether one of its texts is, none is, or one begins so. */
const LIST_COMPARATORS: readonly Comparator[] = ['==', '!=', '=~'];
const MOST_LEVELS = 50;

export type Filter =
  | { readonly kind: 'or' | 'and'; readonly parts: readonly Filter[] }
  | { readonly kind: 'function'; readonly name: FilterFunction }
  | {
      readonly kind: 'comparison';
      readonly variable: Variable;
      readonly comparator: Comparator;
      readonly literal: string;
    };

/** What is asked of: a port or port group, and the network of a VIF. Null: it has none. */
export interface FilterSubject {
  readonly port: {
    readonly is_port: boolean;
    readonly address: string | null;
    readonly category: string | null;
    readonly physical_network: string | null;
    readonly vendor: string | null;
  };
  readonly network: { readonly name: string | null; readonly tags: readonly string[] };
}

/** The expression can not be read; the message says where, what was found and what is allowed there. */
export class FilterProblem extends Error {
  /** Characters before the place. */
  readonly at: number;
  constructor(at: number, what: string) {
    super(`at character ${at + 1}: ${what}`);
    this.at = at;
  }
}

type TokenKind = 'open' | 'close' | 'and' | 'or' | 'comparator' | 'literal' | 'name' | 'end';

interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly at: number;
}

const TOKEN =
  /\s*(?:(?<open>\()|(?<close>\))|(?<and>&&)|(?<or>\|\|)|(?<comparator>==|!=|>=|<=|=~|>|<)|(?<literal>'[^']*')|(?<name>[A-Za-z_][A-Za-z_.]*))/y;
const LITERAL = /^[A-Za-z0-9_.-]*$/;

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  for (TOKEN.lastIndex = 0; TOKEN.lastIndex < end; ) {
    const before = TOKEN.lastIndex;
    const found = TOKEN.exec(text);
    if (found?.groups === undefined) {
      const at = before + (/^\s*/.exec(text.slice(before))?.[0].length ?? 0);
      throw new FilterProblem(at, unreadable(text.slice(at)));
    }
    const [kind = 'end', value = ''] = Object.entries(found.groups).find(([, part]) => part !== undefined) ?? [];
    tokens.push({ kind: kind as TokenKind, text: value, at: TOKEN.lastIndex - value.length });
  }
  return [...tokens, { kind: 'end', text: '', at: text.length }];
}

function unreadable(rest: string): string {
  if (rest.startsWith("'")) {
    return "the text that begins here has no closing quote (')";
  }
  return `"${rest[0]}" is no part of an expression; allowed: variables, texts in single quotes, ${COMPARATORS.join(' ')} && || ( )`;
}

const shown = ({ kind, text }: Token) => (kind === 'end' ? 'the end' : `"${text}"`);

/**
 * Reads an expression.
 * @throws FilterProblem
 */
export function parseFilter(text: string): Filter {
  const tokens = tokensOf(text);
  let next = 0;
  const peek = (): Token => tokens[Math.min(next, tokens.length - 1)] as Token;
  const take = (): Token => {
    const token = peek();
    next += 1;
    return token;
  };

  function list(kind: 'or' | 'and', part: (level: number) => Filter, level: number): Filter {
    const parts = [part(level)];
    while (peek().kind === kind) {
      take();
      parts.push(part(level));
    }
    return parts.length === 1 ? (parts[0] as Filter) : { kind, parts };
  }
  const expression = (level: number): Filter => list('or', (deeper) => list('and', primary, deeper), level);

  function primary(level: number): Filter {
    const token = take();
    if (token.kind === 'open') {
      if (level >= MOST_LEVELS) {
        throw new FilterProblem(token.at, `more than ${MOST_LEVELS} parentheses are open`);
      }
      const inside = expression(level + 1);
      const end = take();
      if (end.kind !== 'close') {
        throw new FilterProblem(
          end.at,
          `${shown(end)} stands where ")" has to: the parenthesis of character ${token.at + 1} is open`,
        );
      }
      return inside;
    }
    if (token.kind !== 'name') {
      throw new FilterProblem(
        token.at,
        `${shown(token)} stands where a variable, a function or "(" has to; allowed: ${[...VARIABLES, ...FUNCTIONS].join(', ')}`,
      );
    }
    const name = FUNCTIONS.find((each) => each === token.text);
    return name === undefined ? comparison(token) : { kind: 'function', name };
  }

  function comparison(name: Token): Filter {
    const variable = VARIABLES.find((each) => each === name.text);
    if (variable === undefined) {
      throw new FilterProblem(
        name.at,
        `there is no variable "${name.text}"; allowed: ${[...VARIABLES, ...FUNCTIONS].join(', ')}`,
      );
    }
    const allowed = variable === 'network.tags' ? LIST_COMPARATORS : COMPARATORS;
    const sign = take();
    const comparator = allowed.find((each) => each === sign.text);
    if (sign.kind !== 'comparator' || comparator === undefined) {
      throw new FilterProblem(
        sign.at,
        `${shown(sign)} stands where a comparator of ${variable} has to; allowed: ${allowed.join(' ')}`,
      );
    }
    const value = take();
    const literal = value.text.slice(1, -1);
    if (value.kind !== 'literal') {
      throw new FilterProblem(value.at, `${shown(value)} stands where a text in single quotes has to`);
    }
    if (!LITERAL.test(literal)) {
      const wrong = [...literal].findIndex((character) => !LITERAL.test(character));
      throw new FilterProblem(
        value.at + 1 + wrong,
        `"${[...literal][wrong]}" can not be in a text; allowed: letters, digits, "_", "-" and "."`,
      );
    }
    return { kind: 'comparison', variable, comparator, literal };
  }

  const filter = expression(0);
  const rest = take();
  if (rest.kind !== 'end') {
    throw new FilterProblem(rest.at, `${shown(rest)} stands where "&&", "||" or the end has to`);
  }
  return filter;
}

function compare(value: string, comparator: Comparator, literal: string): boolean {
  switch (comparator) {
    case '==':
      return value === literal;
    case '!=':
      return value !== literal;
    case '>=':
      return value >= literal;
    case '>':
      return value > literal;
    case '<=':
      return value <= literal;
    case '<':
      return value < literal;
    case '=~':
      return value.startsWith(literal);
  }
}

/** Whether the subject passes. A variable that has no value passes nothing, not even "!=". */
export function passes(filter: Filter, { port, network }: FilterSubject): boolean {
  switch (filter.kind) {
    case 'or':
      return filter.parts.some((part) => passes(part, { port, network }));
    case 'and':
      return filter.parts.every((part) => passes(part, { port, network }));
    case 'function':
      return (filter.name === 'port.is_port') === port.is_port;
    case 'comparison': {
      const { variable, comparator, literal } = filter;
      if (variable === 'network.tags') {
        return comparator === '!='
          ? network.tags.length > 0 && network.tags.every((tag) => tag !== literal)
          : network.tags.some((tag) => compare(tag, comparator, literal));
      }
      const value = variable === 'network.name' ? network.name : port[variable.slice('port.'.length) as 'address'];
      return value !== null && compare(value, comparator, literal);
    }
  }
}
