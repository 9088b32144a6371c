// Virtual media: attaches an image to a machine as a drive, or takes such drives away, beside the provisioning of the node.
import { type JsonObject, type VirtualMediaType, type VirtualMedium, virtualMediaTypes } from '@wrought/contract';
import { done, step, type Task, unsupported } from '../drivers/kit/index.ts';
import { type Flow, ownStep } from './flow.ts';

function mediaOf(task: Task) {
  const { management } = task.interfaces;
  if (management.virtualMedia === undefined) {
    throw unsupported(task.node, management, 'virtual media');
  }
  return management.virtualMedia;
}

/** The types that are named, or all of them. */
function typesOf(value: unknown): readonly VirtualMediaType[] {
  return Array.isArray(value) && value.length > 0 ? (value as readonly VirtualMediaType[]) : virtualMediaTypes;
}

const attach = step({
  interface: 'flow',
  step: 'attach_virtual_media',
  kinds: [],
  recovery: 'repeat',
  async execute(task, args) {
    const medium = args as JsonObject & VirtualMedium;
    await mediaOf(task).attach(task, medium);
    task.record({ kind: 'boot', message: `A virtual ${medium.device_type} is attached.` });
    return done();
  },
});

const detach = step({
  interface: 'flow',
  step: 'detach_virtual_media',
  kinds: [],
  recovery: 'repeat',
  async execute(task, args) {
    const types = typesOf(args.device_types);
    await mediaOf(task).detach(task, types);
    task.record({ kind: 'boot', message: `Virtual media are detached: ${types.join(', ')}.` });
    return done();
  },
});

export const virtualMedia: Flow = {
  name: 'virtual-media',
  lane: 'power',
  limitClass: null,
  kind: null,
  eventType: 'virtual media',
  stepFlow: null,
  running: null,
  waiting: null,
  holding: null,
  stepField: null,
  steps: [attach, detach],
  plan(phase, { run }) {
    if (phase !== 'prepare') {
      return [];
    }
    return [ownStep('image_url' in run.arguments ? attach : detach, run.arguments)];
  },
  callbackTimeoutSeconds: () => 0,
  succeeded: () => ({ events: [], changes: {} }),
  failed: (_node, run) => ({ events: [], changes: { last_error: run.failure } }),
};
