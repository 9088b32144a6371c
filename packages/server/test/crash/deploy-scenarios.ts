// The flows that go through a deploy interface, for each that the harness knows: cleaning, deployment, servicing, tear-down.
import type { ProvisionState } from '@wrought/contract';
import { machine, requester, type Scenario } from './scenario.ts';

/** The deploy interfaces that the harness goes through: every flow runs with each. */
export const deployNames = ['recorder', 'direct'] as const;

/** The child adds `image_source`: the recorder answers for the image. */
const image = {
  image_os_hash_algo: 'sha256',
  image_os_hash_value: 'a'.repeat(64),
  image_disk_format: 'raw',
};

const driverInfo = { deploy_kernel: 'http://192.0.2.1/kernel', deploy_ramdisk: 'http://192.0.2.1/ramdisk' };

function withDeploy(deploy: (typeof deployNames)[number]): readonly Scenario[] {
  const variant = deploy;
  const named = (name: string) => `${name} with ${deploy}`;
  const node = (provision_state: ProvisionState) => ({
    provision_state,
    deploy_interface: deploy,
    driver_info: driverInfo,
    instance_info: image,
  });
  return [
    {
      name: named('automated cleaning'),
      variant,
      node: node('manageable'),
      machine,
      set: [],
      begin: (start, node) => start.provision({ node, verb: 'provide', requester }),
      goal: 'available',
      failed: 'clean failed',
    },
    {
      name: named('automated cleaning by a foreign agent'),
      variant: `${deploy}, foreign agent`,
      covers: 'agent',
      node: node('manageable'),
      machine: { ...machine, foreignAgent: true },
      set: [],
      begin: (start, node) => start.provision({ node, verb: 'provide', requester }),
      goal: 'available',
      failed: 'clean failed',
    },
    {
      name: named('cleaning that fails'),
      variant,
      node: node('manageable'),
      machine,
      set: ['conductor.poweroff_in_cleanfail=true'],
      begin: (start, node) =>
        start.provision({
          node,
          verb: 'clean',
          cleanSteps: [
            { interface: 'deploy', step: 'erase_devices_metadata' },
            { interface: 'management', step: 'refuse' },
          ],
          requester,
        }),
      goal: 'clean failed',
      failed: 'clean failed',
    },
    {
      name: named('deployment'),
      variant,
      node: node('available'),
      machine,
      set: [],
      begin: (start, node) =>
        start.provision({
          node,
          verb: 'active',
          // A step of the agent that nobody asks for by itself, and one of an interface at another place.
          deploySteps: [
            { interface: 'deploy', step: 'erase_devices_metadata', priority: 90 },
            { interface: 'raid', step: 'build_repeat', priority: 30 },
          ],
          requester,
        }),
      goal: 'active',
      failed: 'deploy failed',
    },
    {
      name: named('deployment that fails'),
      variant,
      node: node('available'),
      machine,
      set: [],
      begin: (start, node) =>
        start.provision({
          node,
          verb: 'active',
          deploySteps: [{ interface: 'management', step: 'refuse', priority: 99 }],
          requester,
        }),
      goal: 'deploy failed',
      failed: 'deploy failed',
    },
    {
      name: named('servicing'),
      variant,
      node: node('active'),
      machine: { ...machine, power: 'power on' },
      set: [],
      begin: (start, node) =>
        start.provision({
          node,
          verb: 'service',
          serviceSteps: [
            { interface: 'deploy', step: 'burn_in' },
            { interface: 'deploy', step: 'format_data_disk' },
            { interface: 'firmware', step: 'flash_disks' },
            { interface: 'raid', step: 'rebuild_repeat' },
            { interface: 'raid', step: 'rebuild_probe' },
            { interface: 'raid', step: 'rebuild_never' },
          ],
          requester,
        }),
      goal: 'active',
      failed: 'service failed',
    },
    {
      name: named('servicing that fails'),
      variant,
      node: node('active'),
      machine: { ...machine, power: 'power on' },
      set: ['conductor.poweroff_in_servicefail=true'],
      begin: (start, node) =>
        start.provision({
          node,
          verb: 'service',
          serviceSteps: [
            { interface: 'deploy', step: 'burn_in' },
            { interface: 'management', step: 'refuse' },
          ],
          requester,
        }),
      goal: 'service failed',
      failed: 'service failed',
    },
    {
      name: named('tear-down'),
      variant,
      // From the rescue ramdisk, with a console open.
      node: { ...node('rescue'), automated_clean: false, console_enabled: true },
      machine: { ...machine, power: 'power on', vifs: ['vif-1', 'vif-2'] },
      set: [],
      begin: (start, node) => start.provision({ node, verb: 'deleted', requester }),
      goal: 'available',
      failed: 'error',
    },
  ];
}

export const deployScenarios: readonly Scenario[] = deployNames.flatMap(withDeploy);
