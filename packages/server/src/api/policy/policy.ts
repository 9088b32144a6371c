// The policy in force: the rules of the contract, changed by an operator's file, and the answers it gives.
import { type PolicyRule, policyRules } from '@wrought/contract';
import { type Caller, scopeOf } from './caller.ts';
import { type Explained, explain, holds, type Rules, type Target } from './evaluate.ts';
import { type Check, parseCheck } from './language.ts';

/** Switches of [api] that rules refer to. */
export interface PolicySwitches {
  readonly rbac_service_role_elevated_access: boolean;
  readonly rbac_service_project_name: string;
}

export interface Verdict {
  readonly allowed: boolean;
  /** Why not, when it is not the check itself: the token is for something that the rule is not meant for. */
  readonly wrongScope: boolean;
}

export interface Policy {
  /** Whether the operator's file or the contract has the rule. */
  has(name: string): boolean;
  /** The answer of a rule; a name that no rule has is never allowed. */
  decide(name: string, caller: Caller, target?: Target): Verdict;
  /** How the parts of the rule answered, for operators. */
  explain(name: string, caller: Caller, target?: Target): readonly Explained[];
  /** Names and checks as they are in force; `isChanged` where the operator's file says otherwise. */
  list(): readonly ListedRule[];
  /** What an operator's file most likely does not mean: rules that nothing asks, and references to rules that do not exist. */
  doubts(): readonly string[];
}

export interface ListedRule {
  readonly name: string;
  readonly check: string;
  readonly purpose: string;
  readonly isChanged: boolean;
}

/** A rule of an operator's file. */
export interface OwnRule {
  readonly text: string;
  readonly check: Check;
}

const declared = new Map<string, PolicyRule>(Object.entries(policyRules));
const declaredChecks = new Map<string, Check>([...declared].map(([name, { check }]) => [name, parseCheck(check)]));

/** Makes the policy of the contract's rules and those of an operator's file, which go before them. */
export function createPolicy(own: ReadonlyMap<string, OwnRule>, switches: () => PolicySwitches): Policy {
  const rules: Rules = new Map([...declaredChecks, ...[...own].map(([name, { check }]) => [name, check] as const)]);

  function questionOf(caller: Caller, target: Target) {
    const { rbac_service_role_elevated_access: isElevated, rbac_service_project_name: project } = switches();
    const all = isElevated ? { ...target, 'config.service_project_name': project } : target;
    return { rules, caller, target: all };
  }

  return {
    has: (name) => rules.has(name),
    decide(name, caller, target = {}) {
      const scopes = declared.get(name)?.scopes;
      const scope = scopeOf(caller);
      if (scopes !== undefined && (scope === 'none' || scope === 'domain' || !scopes.includes(scope))) {
        return { allowed: false, wrongScope: true };
      }
      const check = rules.get(name);
      return { allowed: check !== undefined && holds(check, questionOf(caller, target)), wrongScope: false };
    },
    explain: (name, caller, target = {}) => explain({ kind: 'rule', name }, questionOf(caller, target)),
    list: () =>
      [...rules.keys()].map((name) => ({
        name,
        check: own.get(name)?.text ?? declared.get(name)?.check ?? '',
        purpose: declared.get(name)?.purpose ?? '',
        isChanged: own.has(name),
      })),
    doubts: () => doubtsAbout(own, rules),
  };
}

const STEP_RULE = /^baremetal:step:execute:[a-z]+\..+$/;

/** Names of the rules that a check refers to. */
function referencesOf(check: Check): readonly string[] {
  switch (check.kind) {
    case 'rule':
      return [check.name];
    case 'not':
      return referencesOf(check.of);
    case 'and':
    case 'or':
      return check.of.flatMap(referencesOf);
    default:
      return [];
  }
}

function doubtsAbout(own: ReadonlyMap<string, OwnRule>, rules: Rules): readonly string[] {
  const referred = new Set([...rules.values()].flatMap(referencesOf));
  const unasked = [...own.keys()]
    .filter((name) => !declared.has(name) && !referred.has(name) && !STEP_RULE.test(name) && name !== 'default')
    .map((name) => `nothing asks the rule "${name}"; see "wrought policy list" for those that are asked`);
  const missing = [...own].flatMap(([name, { check }]) =>
    referencesOf(check)
      .filter((reference) => !rules.has(reference))
      .map((reference) => `the rule "${name}" refers to "rule:${reference}", which does not exist and so never holds`),
  );
  return [...unasked, ...missing];
}
