// Verify: can the BMC be reached with these credentials, and what does it say of the machine?
import { sortSteps } from '@wrought/contract';
import { done, step } from '../drivers/kit/index.ts';
import { type Flow, interfaceSteps, ownStep } from './flow.ts';
import { lacksVendor, vendorFacts } from './machine-vendor.ts';

const checkPower = step({
  interface: 'flow',
  step: 'check_power',
  kinds: ['verify'],
  recovery: 'repeat',
  async execute(task) {
    await task.interfaces.power.validate(task);
    return done({ power_state: await task.interfaces.power.getPowerState(task) });
  },
});

const readBootMode = step({
  interface: 'flow',
  step: 'read_boot_mode',
  kinds: ['verify'],
  recovery: 'repeat',
  async execute(task) {
    const mode = await task.interfaces.management.getBootMode?.(task);
    return done(mode === undefined ? {} : { boot_mode: mode });
  },
});

/** For whoever treats machines of some makers otherwise; a BMC that can not tell is no reason to refuse the node. */
const readVendor = step({
  interface: 'flow',
  step: 'read_vendor',
  kinds: ['verify'],
  recovery: 'repeat',
  async execute(task) {
    try {
      return done(lacksVendor(task) ? ((await vendorFacts(task)) ?? {}) : {});
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      task.record({ kind: 'verify', severity: 'warning', message: `The vendor could not be read: ${reason}` });
      return done();
    }
  },
});

/** Cached for the sub-resources; a BMC that can not tell is no reason to refuse the node. */
const readParts = step({
  interface: 'flow',
  step: 'read_parts',
  kinds: ['verify'],
  recovery: 'repeat',
  async execute(task) {
    const { bios, firmware } = task.interfaces;
    try {
      const settings = bios.supported ? await bios.readSettings?.(task) : undefined;
      task.learn(settings === undefined ? {} : { bios_settings: settings });
      const components = firmware.supported ? await firmware.readComponents?.(task) : undefined;
      task.learn(components === undefined ? {} : { firmware_components: components });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      task.record({ kind: 'verify', severity: 'warning', message: `BIOS and firmware could not be read: ${reason}` });
    }
    return done();
  },
});

export const verify: Flow = {
  name: 'verify',
  lane: 'provision',
  limitClass: null,
  kind: 'verify',
  eventType: 'verify',
  stepFlow: null,
  running: 'verifying',
  waiting: null,
  holding: null,
  stepField: null,
  steps: [checkPower, readVendor, readBootMode, readParts],
  plan(phase, planning) {
    if (phase === 'prepare') {
      return [ownStep(checkPower), ownStep(readVendor), ownStep(readBootMode), ownStep(readParts)];
    }
    if (phase === 'steps') {
      const overrides = planning.config.conductor.verify_step_priority_override;
      const offered = interfaceSteps(planning.interfaces, 'verify').map((offer) => ({
        interface: offer.interface,
        step: offer.step,
        priority: overrides[`${offer.interface}.${offer.step}`] ?? offer.priority,
        args: {},
        source: 'driver' as const,
      }));
      return sortSteps(
        'verify',
        offered.filter((offer) => offer.priority > 0),
      );
    }
    return [];
  },
  callbackTimeoutSeconds: () => 0,
  succeeded: () => ({ events: ['done'], changes: { target_provision_state: null, last_error: null } }),
  failed: (_node, run) => ({
    events: ['fail'],
    changes: { target_provision_state: null, last_error: run.failure },
  }),
};
