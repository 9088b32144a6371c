// The fake vendor interface: a method of each manner, that compares a word.
import { registeredError } from '@wrought/contract';
import {
  done,
  nodeMethod,
  park,
  step,
  type Task,
  type VendorCall,
  type VendorInterface,
  type VendorNodeMethod,
} from '../kit/index.ts';
import { pretend } from './pretend.ts';

/** A POST that answers whether the argument "bar" is `word`. */
function comparing(name: string, word: string, manner: Partial<VendorNodeMethod> = {}): VendorNodeMethod {
  return nodeMethod({
    name,
    httpMethods: ['POST'],
    description: `Compares the argument "bar" with "${word}".`,
    ...manner,
    async validate(_task: Task, { body }: VendorCall) {
      const unknown = Object.keys(body).filter((argument) => argument !== 'bar');
      if (unknown.length > 0) {
        throw registeredError('InvalidParameterValue', {
          reason: `The vendor method "${name}" takes the argument "bar" alone; it got ${unknown.length} more.`,
        });
      }
      if (typeof body.bar !== 'string' || body.bar === '') {
        throw registeredError('MissingParameterValue', {
          reason: `The vendor method "${name}" needs the argument "bar", a text.`,
        });
      }
    },
    async run(task: Task, { body }: VendorCall) {
      await pretend(task, 'vendor');
      return body.bar === word;
    },
  });
}

export const vendor: VendorInterface = {
  kind: 'vendor',
  name: 'fake',
  properties: {
    B1: 'Anything; nothing reads it. For trying how clients show the properties of drivers.',
    B2: 'Anything; nothing reads it, too.',
  },
  supported: true,
  validate: async () => {},
  steps: [
    step({
      interface: 'vendor',
      step: 'log_passthrough',
      kinds: ['clean'],
      priority: 1,
      requires_ramdisk: true,
      recovery: 'repeat',
      async execute(task) {
        await pretend(task, 'vendor');
        return done();
      },
    }),
    step({
      interface: 'vendor',
      step: 'log_passthrough',
      kinds: ['service'],
      recovery: 'repeat',
      async execute(task) {
        await pretend(task, 'vendor');
        return done();
      },
    }),
    step({
      interface: 'vendor',
      step: 'trigger_servicewait',
      kinds: ['service'],
      requires_ramdisk: true,
      recovery: 'repeat',
      execute: async () => park('a heartbeat of the agent'),
    }),
  ],
  nodeMethods: [
    comparing('second_method', 'kazoo'),
    comparing('third_method_sync', 'meow', { isAsync: false }),
    comparing('fourth_method_shared_lock', 'woof', { requireExclusiveLock: false }),
  ],
  driverMethods: [],
};
