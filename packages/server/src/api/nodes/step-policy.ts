// Asks the rules that operators may make for single steps, such as "baremetal:step:execute:deploy.erase_devices".
import { type RequestedStep, registeredError } from '@wrought/contract';
import type { Access, RuleName } from '../policy/access.ts';
import type { Target } from '../policy/evaluate.ts';

/** @throws RegisteredError 403 that names every step that is refused */
export function requireSteps(
  access: Access,
  steps: readonly Pick<RequestedStep, 'interface' | 'step'>[],
  target: Target,
): void {
  const refused = steps
    .map((step): RuleName => `baremetal:step:execute:${step.interface}.${step.step}`)
    .filter((rule) => access.has(rule) && !access.allows(rule, target));
  if (refused.length > 0) {
    throw registeredError('HTTPForbidden', {
      reason: `the policy rules ${refused.map((rule) => `"${rule}"`).join(', ')} do not allow these steps to this caller.`,
    });
  }
}
