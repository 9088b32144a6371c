// The fake RAID controller: logical disks become what was asked for.
import { type JsonObject, registeredError } from '@wrought/contract';
import { done, type Facts, type RaidInterface, step, type Task } from '../kit/index.ts';
import { pretend } from './pretend.ts';

function asAskedFor({ node }: Task): Facts {
  const disks = node.target_raid_config.logical_disks;
  if (!Array.isArray(disks)) {
    throw registeredError('MissingParameterValue', {
      reason: `Node ${node.uuid} has no target_raid_config to create logical disks from. Set it with PUT states/raid.`,
    });
  }
  const root = (disks as readonly JsonObject[]).find((disk) => disk.is_root_volume === true);
  return {
    raid_config: { logical_disks: disks, last_updated: new Date().toISOString() },
    ...(typeof root?.size_gb === 'number' ? { properties: { local_gb: root.size_gb } } : {}),
  };
}

export const raid: RaidInterface = {
  kind: 'raid',
  name: 'fake',
  properties: {},
  supported: true,
  validate: async () => {},
  steps: [
    step({
      interface: 'raid',
      step: 'create_configuration',
      kinds: ['clean', 'deploy'],
      requires_ramdisk: true,
      recovery: 'repeat',
      async execute(task) {
        await pretend(task, 'raid');
        return done(asAskedFor(task));
      },
    }),
    step({
      interface: 'raid',
      step: 'delete_configuration',
      kinds: ['clean', 'deploy'],
      requires_ramdisk: true,
      recovery: 'repeat',
      async execute(task) {
        await pretend(task, 'raid');
        return done({ raid_config: {} });
      },
    }),
  ],
};
