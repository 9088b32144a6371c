// Steps that change the power of a machine, for the flow of power actions and for users who put them into their lists.
import { done, type Step, type StepArguments, step, type Task } from '../drivers/kit/index.ts';

/** A step that brings the node to one end state; a probe tells whether it is there already. */
export function powerStep(
  given: Pick<Step, 'interface' | 'step'> & Partial<Step>,
  end: 'power on' | 'power off',
  target: 'power on' | 'power off' | 'soft power off',
): Step {
  async function execute(task: Task, args: StepArguments) {
    await task.setPower(target, typeof args.timeout === 'number' ? args.timeout : undefined);
    return done();
  }
  return step({
    kinds: [],
    recovery: 'probe',
    execute,
    async probe(task, args) {
      const state = await task.interfaces.power.getPowerState(task);
      // Setting a state that is reached asks nothing of the BMC; it learns what follows from that state.
      return state === end ? execute(task, args) : 'not happened';
    },
    ...given,
  });
}
