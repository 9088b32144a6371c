// What one request may do: handlers ask it before they act or show, and it answers by the policy in force.
import { type PolicyRuleName, type RegisteredError, registeredError } from '@wrought/contract';
import type { RoutePolicy } from '../core/route.ts';
import type { Caller } from './caller.ts';
import type { Target } from './evaluate.ts';
import type { Policy } from './policy.ts';

/** Whose a node is. */
export interface NodeOwners {
  readonly owner?: string | null;
  readonly lessee?: string | null;
}

/** A rule of the contract, or one for a single step, which only an operator's file can have. */
export type RuleName = PolicyRuleName | `baremetal:step:execute:${string}`;

export interface Access {
  /** The caller's project; null for callers who belong to none, and where nobody is asked who they are. */
  readonly project: string | null;
  /** True where rules are asked at all (keystone); elsewhere everything is allowed. */
  readonly isRestricted: boolean;
  allows(rule: RuleName, target?: Target): boolean;
  /** Whether the rule exists; rules for single steps only do where an operator made them. */
  has(rule: string): boolean;
  /** @throws RegisteredError 403 */
  require(rule: RuleName, target?: Target): void;
  /**
   * For what belongs to a node: who may not see the node is told that there is nothing (`notFound`); then the rule of the
   * route is asked, unless another one is given.
   * @throws RegisteredError `notFound`, 403
   */
  requireOnNode(node: NodeOwners, notFound: () => RegisteredError, rule?: RuleName): void;
  /** The same for an object with rules of its own, such as an allocation. @throws RegisteredError `notFound`, 403 */
  requireOn(target: Target, sees: PolicyRuleName, notFound: () => RegisteredError, rule?: RuleName): void;
  /**
   * For lists: undefined when the caller may see all, else the project to which the list is narrowed. `asked` is a project
   * that the caller named in a filter: another than their own stays forbidden.
   * @throws RegisteredError 403
   */
  listedProject(asked?: string): string | undefined;
  /** Whether any of the questions above was put: every route but those for anyone has to. */
  readonly wasAsked: boolean;
}

/** Attributes of a node for rules. */
export function nodeTarget({ owner, lessee }: NodeOwners): Target {
  return { 'node.owner': owner ?? null, 'node.lessee': lessee ?? null };
}

/** Access where nobody is told apart: everything is allowed. */
class OpenAccess implements Access {
  readonly project = null;
  readonly isRestricted = false;
  readonly wasAsked = true;
  allows(): boolean {
    return true;
  }
  has(): boolean {
    return false;
  }
  require(): void {}
  requireOnNode(): void {}
  requireOn(): void {}
  listedProject(): undefined {}
}

export const openAccess: Access = new OpenAccess();

/** Access of a caller by the policy. */
class RestrictedAccess implements Access {
  readonly isRestricted = true;
  readonly #policy: Policy;
  readonly #caller: Caller;
  readonly #route: RoutePolicy;
  #asked = false;

  constructor(policy: Policy, caller: Caller, route: RoutePolicy) {
    this.#policy = policy;
    this.#caller = caller;
    this.#route = route;
  }

  get project(): string | null {
    return this.#caller.project_id;
  }

  get wasAsked(): boolean {
    return this.#asked;
  }

  allows(rule: RuleName, target?: Target): boolean {
    this.#asked = true;
    return this.#policy.decide(rule, this.#caller, target).allowed;
  }

  has(rule: string): boolean {
    return this.#policy.has(rule);
  }

  require(rule: RuleName, target?: Target): void {
    this.#asked = true;
    const { allowed, wrongScope } = this.#policy.decide(rule, this.#caller, target);
    if (!allowed) {
      throw registeredError('HTTPForbidden', {
        reason: wrongScope
          ? `the policy rule "${rule}" is not meant for tokens of this scope.`
          : `the policy rule "${rule}" does not allow it to this caller; "wrought policy explain ${rule}" shows what it asks for.`,
      });
    }
  }

  requireOnNode(node: NodeOwners, notFound: () => RegisteredError, rule?: RuleName): void {
    this.requireOn(nodeTarget(node), 'baremetal:node:get', notFound, rule);
  }

  requireOn(target: Target, sees: PolicyRuleName, notFound: () => RegisteredError, rule?: RuleName): void {
    if (!this.allows(sees, target)) {
      if (this.project !== null) {
        throw notFound();
      }
      this.require(sees, target);
    }
    const wanted = rule ?? (typeof this.#route === 'object' && 'onObject' in this.#route ? this.#route.onObject : sees);
    if (wanted !== sees) {
      this.require(wanted, target);
    }
  }

  listedProject(asked?: string): string | undefined {
    if (typeof this.#route !== 'object' || !('listAll' in this.#route)) {
      throw new TypeError('The route is not declared as a list.');
    }
    const { listAll, listOwn } = this.#route;
    if (this.allows(listAll)) {
      return undefined;
    }
    const { project } = this;
    if (project === null || (asked !== undefined && asked !== project)) {
      this.require(listAll);
    }
    this.require(listOwn);
    return project ?? '';
  }
}

/** What `caller` may do by `policy` on a route. */
export function restrictedAccess(policy: Policy, caller: Caller, route: RoutePolicy): Access {
  return new RestrictedAccess(policy, caller, route);
}
