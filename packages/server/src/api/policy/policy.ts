// The policy in force: the rules of the contract, changed by an operator's file, and the answers it gives.
import { type PolicyRule, type PolicyRuleName, policyRules } from '@wrought/contract';
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
  decide(name: PolicyRuleName | `baremetal:step:execute:${string}`, caller: Caller, target?: Target): Verdict;
  /** How the parts of the rule answered, for operators. */
  explain(name: string, caller: Caller, target?: Target): readonly Explained[];
  /** Names and checks as they are in force; `isChanged` where the operator's file says otherwise. */
  list(): readonly { readonly name: string; readonly check: string; readonly isChanged: boolean }[];
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
        isChanged: own.has(name),
      })),
  };
}
