// manual-management: machines without a BMC, powered by hand; a person does what the messages ask for.
import { defineDriver, genericInterfaces } from '../kit/index.ts';

export default defineDriver(() => ({
  hardwareTypes: [
    {
      name: 'manual-management',
      supported: { ...genericInterfaces, management: ['noop', 'fake'], power: ['agent', 'fake'] },
    },
  ],
  interfaces: [],
}));
