// The step of an inspection in which the operator's rules run: they are decided, checked and called for first, then stored at once.
import type { JsonObject, Node, Port } from '@wrought/contract';
import { isRegisteredError } from '@wrought/contract';
import { done, type Facts, fail, type Outcome, type Task } from '../../drivers/kit/index.ts';
import { callTitle, makeApiCall } from '../../inspection/rules/api-call.ts';
import { beginDraft, changesOf, type Draft, type Target } from '../../inspection/rules/draft.ts';
import { loadRules } from '../../inspection/rules/load.ts';
import { type Rule, RuleFailure } from '../../inspection/rules/rule.ts';
import { runRules } from '../../inspection/rules/run.ts';
import { findInventory } from '../../store/inventories.ts';
import { parseObject } from '../../store/json.ts';
import type { NodeChanges } from '../../store/nodes.ts';
import type { EngineContext } from './context.ts';
import type { Runnable } from './runnable.ts';

/** Passes what the rules changed on to the rules of the API, which may refuse it. @throws RuleFailure */
async function checked<Changes>(target: Target, check: () => Promise<Changes>): Promise<Changes> {
  try {
    return await check();
  } catch (error) {
    if (!isRegisteredError(error)) {
      throw error;
    }
    const who = [...target.changed].map(([field, rule]) => `${field} (${rule})`);
    throw new RuleFailure(
      `What inspection rules set on the ${target.title} was refused, and no change of the rules was made: ${error.message} ` +
        `Set by rules: ${who.join(', ')}.`,
    );
  }
}

async function factsOf({ changeRules }: EngineContext, node: Node, draft: Draft): Promise<Facts> {
  const nodeChanges = await checked(draft.node, async () =>
    draft.node.changed.size === 0 ? {} : changeRules.node(node, changesOf(draft.node) as NodeChanges),
  );
  const ports: { readonly id: number; readonly changes: Partial<Port> }[] = [];
  for (const { port, target } of draft.ports.filter((each) => each.target.changed.size > 0)) {
    const after = { ...node, ...nodeChanges } as Node;
    const changes = await checked(target, () => changeRules.port(port, after, changesOf(target) as Partial<Port>));
    ports.push({ id: port.id, changes });
  }
  const pluginData = draft.isPluginDataChanged ? { plugin_data: draft.pluginData } : {};
  return { inspection_rules: { node: nodeChanges, ports, ...pluginData } };
}

const logLevels = { debug: 'debug', info: 'info', warning: 'warn', error: 'error', critical: 'error' } as const;

function logOf(task: Task) {
  return (rule: Rule, level: string, message: string) =>
    task.log[logLevels[level as keyof typeof logLevels]]({ node: task.node.uuid, rule: rule.title }, message);
}

async function makeCalls(task: Task, draft: Draft): Promise<void> {
  const { config, abortSignal } = task;
  for (const call of draft.calls) {
    const status = await makeApiCall(call, config, abortSignal);
    const message = `${call.rule}: ${callTitle(call)} was answered with status ${status}.`;
    task.record({ kind: 'inspection', message, data: { status } });
  }
}

async function run(context: EngineContext, task: Task): Promise<Outcome> {
  task.learn({ memory: { inspection_rules_began: true } });
  const { node, config } = task;
  const { built_in_rules, mask_secrets } = config.inspection_rules;
  const rules = await loadRules(context.store.read, built_in_rules);
  const found = rules.length === 0 ? undefined : await findInventory(context.store.read, node.id);
  if (found === undefined) {
    return done();
  }
  const draft = beginDraft({
    node,
    ports: task.ports,
    inventory: parseObject(found.inventory),
    pluginData: parseObject(found.plugin_data),
  });
  const applied = await runRules({ rules, draft, maskSecrets: mask_secrets, log: logOf(task) });
  const facts = await factsOf(context, node, draft);
  await makeCalls(task, draft);
  for (const rule of applied) {
    const actions = rule.sensitive ? [] : rule.actions.map(({ op }) => op);
    const what = rule.sensitive ? '(it is sensitive)' : actions.join(', ');
    task.record({ kind: 'inspection', message: `${rule.title} applied: ${what}.`, data: { actions } as JsonObject });
  }
  return done(facts);
}

/**
 * The step as the engine calls it. A server that stops in it does it again: requests of rules are GET requests, which may be made
 * more than once, and nothing is stored before the end.
 */
export function inspectionRulesStep(context: EngineContext): Runnable {
  return {
    recovery: 'repeat',
    abortable: false,
    execute: (task) => run(context, task),
    resume: async () => fail('The inspection rules never wait.'),
    probe: async () => 'not happened',
  };
}
