// Service: run steps on a machine whose instance stays, in the agent's ramdisk where they need it, and return to the instance.
import { done, step, unsupported } from '../drivers/kit/index.ts';
import { type Flow, ownStep, requestedSteps } from './flow.ts';
import { needsRamdisk, planRequested } from './requested-plan.ts';
import { tearDownService } from './service-steps.ts';

const prepareService = step({
  interface: 'flow',
  step: 'prepare_service',
  kinds: ['service'],
  recovery: 'repeat',
  abortable: true,
  requires_ramdisk: true,
  execute(task) {
    const { deploy } = task.interfaces;
    if (deploy.service === undefined) {
      throw unsupported(task.node, deploy, 'servicing in a ramdisk');
    }
    task.learn({ memory: { ramdisk_prepared: true } });
    return deploy.service.prepare(task);
  },
  resume: async (task, _args, signal) => task.interfaces.deploy.service?.resume(task, signal) ?? done(),
});

const powerOffAfterFailure = step({
  interface: 'flow',
  step: 'power_off_after_service_failure',
  kinds: ['service'],
  recovery: 'repeat',
  async execute(task) {
    await task.setPower('power off');
    return done();
  },
});

export const service: Flow = {
  name: 'service',
  lane: 'provision',
  limitClass: null,
  kind: 'service',
  eventType: 'servicing',
  stepFlow: () => 'servicing',
  running: 'servicing',
  waiting: 'service wait',
  holding: 'service hold',
  stepField: 'service_step',
  steps: [prepareService, tearDownService, powerOffAfterFailure],
  plan(phase, planning) {
    const { memory, arguments: given } = planning.run;
    const wanted = requestedSteps(given.service_steps);
    switch (phase) {
      case 'prepare': {
        const isNeeded = given.disable_ramdisk !== true && needsRamdisk(planning, 'service', wanted);
        return isNeeded ? [ownStep(prepareService)] : [];
      }
      case 'steps':
      case 'agent steps':
        return planRequested(planning, 'service', wanted);
      case 'conclude':
        return memory.ramdisk_prepared === true ? [ownStep(tearDownService)] : [];
      case 'failure':
        if (memory.aborted === true && memory.ramdisk_prepared === true) {
          return [ownStep(tearDownService)];
        }
        return planning.config.conductor.poweroff_in_servicefail && memory.ramdisk_booted === true
          ? [ownStep(powerOffAfterFailure)]
          : [];
    }
  },
  callbackTimeoutSeconds: (config) => config.conductor.service_callback_timeout,
  succeeded: () => ({ events: ['done'], changes: { target_provision_state: null, last_error: null } }),
  failed(_node, run) {
    if (run.memory.aborted === true && run.memory.clean_up_failed !== true) {
      // An abort leads all the way back to the instance.
      return { events: ['fail', 'abort'], changes: { target_provision_state: null, last_error: run.failure } };
    }
    const duringStep = run.memory.service_step_ran === true;
    return {
      events: ['fail'],
      changes: {
        target_provision_state: 'active',
        last_error: run.failure,
        ...(duringStep
          ? { maintenance: true, maintenance_reason: run.failure, fault: 'service failure' as const }
          : {}),
      },
    };
  },
};
