// What the engine tells the outside of a node: its transitions, and the power actions and consoles that users asked for.
import { type EventStatus, type Node, type ProvisionEvent, statusOfTransition } from '@wrought/contract';
import { recordNode } from '../../store/object-events.ts';
import type { Progress } from './progress.ts';

/** Tells of a transition that was just made; `before` is the node as it was. */
export async function recordTransition(
  { context, trx, node }: Progress,
  before: Node,
  event: ProvisionEvent,
): Promise<void> {
  const from = before.provision_state;
  const to = node.provision_state;
  await recordNode(trx, context.config(), 'conductor', node, 'provision_set', [statusOfTransition(event, from, to)], {
    event,
    from,
    to,

    previous_target: before.target_provision_state,
  });
}

/** Tells of the begin or the end of a run that does what a user asked of the power or the console. */
export async function recordOfAction({ context, trx, node, flow, run }: Progress, status: EventStatus): Promise<void> {
  const { target, enabled } = run.arguments;
  const reason = status === 'error' ? { error: run.failure } : {};
  if (flow.name === 'power') {
    await recordNode(trx, context.config(), 'conductor', node, 'power_set', [status], { to_power: target, ...reason });
  } else if (flow.name === 'console') {
    await recordNode(trx, context.config(), 'conductor', node, 'console_set', [status], { enabled, ...reason });
  }
}
