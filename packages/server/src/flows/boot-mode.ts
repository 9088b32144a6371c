// Boot mode: one change of the boot mode or of secure boot that a user asked for, beside the provisioning of the node.
import { done, step, unsupported } from '../drivers/kit/index.ts';
import { type Flow, ownStep } from './flow.ts';

const setBootMode = step({
  interface: 'flow',
  step: 'set_boot_mode',
  kinds: [],
  recovery: 'repeat',
  async execute(task, args) {
    const { management } = task.interfaces;
    if (management.setBootMode === undefined) {
      throw unsupported(task.node, management, 'set_boot_mode');
    }
    const mode = args.boot_mode === 'bios' ? 'bios' : 'uefi';
    await management.setBootMode(task, mode);
    return done({ boot_mode: mode });
  },
});

const setSecureBoot = step({
  interface: 'flow',
  step: 'set_secure_boot',
  kinds: [],
  recovery: 'repeat',
  async execute(task, args) {
    const { management } = task.interfaces;
    if (management.setSecureBoot === undefined) {
      throw unsupported(task.node, management, 'set_secure_boot_state');
    }
    const isOn = args.secure_boot === true;
    await management.setSecureBoot(task, isOn);
    return done({ secure_boot: isOn });
  },
});

export const bootMode: Flow = {
  name: 'boot-mode',
  lane: 'power',
  limitClass: null,
  kind: null,
  eventType: 'boot mode',
  stepFlow: null,
  running: null,
  waiting: null,
  holding: null,
  stepField: null,
  steps: [setBootMode, setSecureBoot],
  plan(phase, { run }) {
    if (phase !== 'prepare') {
      return [];
    }
    return [ownStep('boot_mode' in run.arguments ? setBootMode : setSecureBoot, run.arguments)];
  },
  callbackTimeoutSeconds: () => 0,
  succeeded: () => ({ events: [], changes: { last_error: null } }),
  failed: (_node, run) => ({ events: [], changes: { last_error: run.failure } }),
};
