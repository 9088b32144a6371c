// What an inspection rule is to the engine that runs it, and how a rule ends an inspection.
import type { JsonObject, RuleAction, RuleCondition } from '@wrought/contract';

export interface Rule {
  /** As it stands in texts: "Inspection rule 1be26c0b-... (small machines)". */
  readonly title: string;
  readonly priority: number;
  /** What it holds is shown nowhere. */
  readonly sensitive: boolean;
  readonly conditions: readonly RuleCondition[];
  readonly actions: readonly RuleAction[];
}

/** What rules look at, as it stands when one of them looks; secrets are masked where they have to be. */
export interface View {
  readonly node: JsonObject;
  readonly inventory: JsonObject;
  readonly plugin_data: JsonObject;
  /** The present item of a loop. */
  readonly item?: unknown;
}

/** A rule that can not be carried out, or that says the inspection fails; the message says which and why. */
export class RuleFailure extends Error {}

/** The name of a rule in texts. */
export function ruleTitle(uuid: string, description: unknown): string {
  return `Inspection rule ${uuid}${typeof description === 'string' && description !== '' ? ` (${description})` : ''}`;
}
