// Carries the actions of a rule out on the draft: nothing of it is stored, and no call is made, before all rules have run.
import {
  argumentsOf,
  isRuleLogLevel,
  isTrait,
  MAXIMUM_TRAITS,
  type RuleAction,
  readMac,
  SECRET_MASK,
  trait,
} from '@wrought/contract';
import { withCapability } from './capabilities.ts';
import { type Change, ChangeProblem, changed, changeField, type Draft, type Target } from './draft.ts';
import { type Path, readPath } from './paths.ts';
import { fillIn, type ReferenceRules, textOf, viewsOfLoop } from './references.ts';
import { type Rule, RuleFailure, type View } from './rule.ts';

const DEFAULT_TIMEOUT_SECONDS = 5;
const DEFAULT_RETRIES = 3;
const DEFAULT_BACKOFF_FACTOR_SECONDS = 0.3;

type Arguments = Readonly<Record<string, unknown>>;
type RuleLog = (level: string, message: string) => void;

/** What an action works with. */
interface Scene {
  readonly rule: Rule;
  readonly draft: Draft;
  readonly log: RuleLog;
}

/** A message shows what it can. */
const inMessages: ReferenceRules = { missing: (reference) => reference, masked: () => SECRET_MASK };

/** What is written must be there and must be known: neither the words of a reference nor a mask is a value. */
const inValues: ReferenceRules = {
  missing(reference) {
    throw new ChangeProblem(
      `the reference ${reference} leads to nothing in what the inspection found. Ask for it in a condition (!is-none) first`,
    );
  },
  masked(reference) {
    throw new ChangeProblem(
      `the reference ${reference} leads to a secret, which inspection_rules.mask_secrets hides from this rule; ` +
        'with "sensitive" a rule that is sensitive may read it',
    );
  },
};

function pathOf({ path }: Arguments): Path {
  const read = readPath(path);
  if (read === undefined) {
    throw new ChangeProblem(`the path ${JSON.stringify(path)} has an empty name; allowed: paths such as "/extra/rack"`);
  }
  return read;
}

const setting = ({ value }: Arguments): Change => ({ kind: 'set', value });
const extension = ({ value, unique }: Arguments): Change => ({ kind: 'extend', value, isUnique: unique === true });
const removal = (): Change => ({ kind: 'remove' });

const onNode =
  (change: (args: Arguments) => Change) =>
  (args: Arguments, { draft, rule }: Scene) =>
    changeField(draft.node, pathOf(args), change(args), rule.title);

function portOf({ port_id: ident }: Arguments, draft: Draft): Target {
  const text = textOf(ident);
  const found = draft.ports.find(({ port }) => port.uuid === text.toLowerCase() || port.address === readMac(text));
  if (found === undefined) {
    const known = draft.ports.map(({ port }) => `${port.uuid} (${port.address})`);
    throw new ChangeProblem(`the node has no port "${text}"; it has: ${known.join(', ') || 'none'}`);
  }
  return found.target;
}

const onPort =
  (change: (args: Arguments) => Change) =>
  (args: Arguments, { draft, rule }: Scene) =>
    changeField(portOf(args, draft), pathOf(args), change(args), rule.title);

const onPluginData =
  (change: (args: Arguments) => Change) =>
  (args: Arguments, { draft }: Scene) => {
    draft.pluginData = changed(draft.pluginData, pathOf(args), change(args));
    draft.isPluginDataChanged = true;
  };

function setCapability(name: unknown, value: string | undefined, { draft, rule }: Scene): void {
  const { properties } = draft.node.document;
  const capabilities = withCapability((properties ?? {}) as Record<string, never>, textOf(name), value);
  const change: Change = capabilities === '' ? { kind: 'remove' } : { kind: 'set', value: capabilities };
  changeField(draft.node, ['properties', 'capabilities'], change, rule.title);
}

function setTraits(node: Target, rule: Rule, change: (present: readonly string[]) => readonly string[]): void {
  const traits = change(node.document.traits as readonly string[]);
  if (traits.length > MAXIMUM_TRAITS) {
    throw new ChangeProblem(`the node would have ${traits.length} traits; allowed: at most ${MAXIMUM_TRAITS}`);
  }
  node.document = { ...node.document, traits };
  node.changed.set('traits', rule.title);
}

function addTrait({ name }: Arguments, { draft, rule }: Scene): void {
  const added = textOf(name);
  if (!isTrait(added)) {
    throw new ChangeProblem(`the trait "${added}" is invalid; allowed: ${trait.allowed}`);
  }
  setTraits(draft.node, rule, (present) => [...new Set([...present, added])]);
}

function log({ msg, level = 'info' }: Arguments, scene: Scene): void {
  const word = textOf(level).toLowerCase();
  if (!isRuleLogLevel(word)) {
    throw new ChangeProblem(`the level is "${word}"; allowed: debug, info, warning, error, critical`);
  }
  scene.log(word, textOf(msg));
}

function checkUrl(what: string, url: string): void {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) {
    throw new ChangeProblem(`the ${what} "${url}" can not be used; allowed: http and https URLs`);
  }
}

function callApi(args: Arguments, { draft, rule }: Scene): void {
  const url = textOf(args.url);
  checkUrl('URL', url);
  for (const proxy of Object.values(args.proxies ?? {})) {
    checkUrl('proxy', textOf(proxy));
  }
  const { timeout, retries, backoff_factor: backoff } = args as Readonly<Record<string, number | undefined>>;
  draft.calls.push({
    rule: rule.title,
    sensitive: rule.sensitive,
    url,
    headers: (args.headers ?? {}) as Readonly<Record<string, string>>,
    proxies: (args.proxies ?? {}) as Readonly<Record<string, string>>,
    timeoutSeconds: timeout ?? DEFAULT_TIMEOUT_SECONDS,
    retries: retries ?? DEFAULT_RETRIES,
    backoffFactorSeconds: backoff ?? DEFAULT_BACKOFF_FACTOR_SECONDS,
  });
}

type Act = (args: Arguments, scene: Scene) => void;

/** The actions by name. */
const actions: Readonly<Record<string, Act>> = {
  fail({ msg }, { rule }) {
    throw new RuleFailure(`${rule.title} failed the inspection: ${textOf(msg)}`);
  },
  log,
  'set-attribute': onNode(setting),
  'extend-attribute': onNode(extension),
  'del-attribute': onNode(removal),
  'set-capability': ({ name, value }, scene) => setCapability(name, textOf(value), scene),
  'unset-capability': ({ name }, scene) => setCapability(name, undefined, scene),
  'add-trait': addTrait,
  'remove-trait': ({ name }, { draft, rule }) =>
    setTraits(draft.node, rule, (present) => present.filter((each) => each !== textOf(name))),
  'set-plugin-data': onPluginData(setting),
  'extend-plugin-data': onPluginData(extension),
  'unset-plugin-data': onPluginData(removal),
  'set-port-attribute': onPort(setting),
  'extend-port-attribute': onPort(extension),
  'del-port-attribute': onPort(removal),
  'api-call': callApi,
};

/** Actions whose texts are for people. */
const MESSAGES: ReadonlySet<string> = new Set(['fail', 'log']);

/** What a rule sees at the moment. */
export interface RuleViews {
  readonly values: () => View;
  /** The same with all secrets masked: what is written for people goes into logs and errors. */
  readonly messages: () => View;
}

function act(action: RuleAction, views: RuleViews, scene: Scene): void {
  const carryOut = actions[action.op];
  if (carryOut === undefined) {
    throw new ChangeProblem(`there is no such action; allowed: ${Object.keys(actions).join(', ')}`);
  }
  const [references, view] = MESSAGES.has(action.op) ? [inMessages, views.messages] : [inValues, views.values];
  for (const { item } of viewsOfLoop(action.loop, view(), references)) {
    // Looked at anew: what the action did for the item before is there now.
    const present = item === undefined ? view() : { ...view(), item };
    carryOut(fillIn(argumentsOf(action), present, references) as Arguments, scene);
  }
}

/** Carries all actions of a rule out on the draft. @throws RuleFailure */
export function runActions(views: RuleViews, scene: Scene): void {
  const { rule } = scene;
  for (const [index, action] of rule.actions.entries()) {
    try {
      act(action, views, scene);
    } catch (error) {
      if (error instanceof ChangeProblem) {
        const why = rule.sensitive ? 'its arguments can not be used (the rule is sensitive)' : error.message;
        throw new RuleFailure(`${rule.title} could not be carried out: in actions[${index}], ${action.op}, ${why}.`);
      }
      throw error;
    }
  }
}
