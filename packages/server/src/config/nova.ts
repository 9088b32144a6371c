// Options of Nova, which is told when the power of a machine with an instance changes.
import { clientOptions } from './openstack-client.ts';
import { boolean, integer } from './option.ts';

export const nova = {
  send_power_notifications: boolean({
    default: true,
    description:
      'Tell Nova when a machine with an instance goes on or off. Without a user in section [keystone] and without `endpoint_override` there is nobody to tell.',
  }),
  ...clientOptions('Nova', 'compute'),
  timeout: integer({
    default: 30,
    minimum: 1,
    maximum: 300,
    unit: 'seconds',
    description: 'Longest time that Nova gets for one answer.',
  }),
} as const;
