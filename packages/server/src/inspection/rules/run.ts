// Runs the rules over what an inspection found, the highest priority first, each seeing what those before it changed.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type JsonObject, maskSecrets } from '@wrought/contract';
import type { Config } from '../../config/index.ts';
import { runActions } from './actions.ts';
import { conditionsHold } from './conditions.ts';
import type { Draft } from './draft.ts';
import type { Rule, View } from './rule.ts';

export interface RulesRun {
  readonly rules: readonly Rule[];
  readonly draft: Draft;
  readonly maskSecrets: Config['inspection_rules']['mask_secrets'];
  readonly log: (rule: Rule, level: string, message: string) => void;
}

/** Masks objects, each once: a draft never changes an object, it puts another one in its place. */
function createMask(): (value: JsonObject) => JsonObject {
  const masked = new WeakMap<JsonObject, JsonObject>();
  return (value) => {
    const known = masked.get(value) ?? (maskSecrets(value) as JsonObject);
    masked.set(value, known);
    return known;
  };
}

function viewOf(draft: Draft, seen: (value: JsonObject) => JsonObject): View {
  return {
    node: seen(draft.node.document),
    inventory: seen(draft.inventory),
    plugin_data: seen(draft.pluginData),
  };
}

/**
 * Runs the rules on the draft, which then holds everything that they want. Answers those whose conditions held.
 * @throws RuleFailure
 */
export async function runRules(run: RulesRun): Promise<readonly Rule[]> {
  const { draft } = run;
  const applied: Rule[] = [];
  const mask = createMask();
  for (const rule of [...run.rules].sort((a, b) => b.priority - a.priority)) {
    const isMasked = run.maskSecrets === 'always' || (run.maskSecrets === 'sensitive' && !rule.sensitive);
    const messages = () => viewOf(draft, mask);
    const values = isMasked ? messages : () => viewOf(draft, (value) => value);
    if (await conditionsHold(rule, values())) {
      runActions({ values, messages }, { rule, draft, log: (level, message) => run.log(rule, level, message) });
      applied.push(rule);
    }
    // However many rules there are, the server answers in between.
    await nextTurn();
  }
  return applied;
}
