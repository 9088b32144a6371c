// Options of what a conductor looks at again and again: boot files, caches, other conductors, allocations, power states.
import { boolean, integer } from './option.ts';

export const conductorPeriodic = {
  sync_local_state_interval: integer({
    default: 180,
    minimum: 0,
    unit: 'seconds',
    description:
      'How often a conductor looks whether the boot files of its nodes are on its machine, and writes those that are missing, such as ' +
      'after it took work over. 0: only when it takes over.',
  }),
  cache_clean_up_interval: integer({
    default: 3600,
    minimum: 0,
    unit: 'seconds',
    description:
      'How often unused files leave the cache of kernels, ramdisks and images (`image.image_cache_size`, `image.image_cache_ttl`). 0: at start only.',
  }),
  conductor_cleanup_interval: integer({
    default: 86_400,
    minimum: 0,
    unit: 'seconds',
    description: 'How often conductors are forgotten that have long been gone. 0: never.',
  }),
  conductor_cleanup_timeout: integer({
    default: 1_209_600,
    minimum: 60,
    unit: 'seconds',
    reloadable: true,
    description:
      'How long a conductor has to be gone before it is forgotten, at least three times `heartbeat_timeout`. One for which nodes or ' +
      'allocations wait stays known.',
  }),
  conductor_cleanup_batch_size: integer({
    default: 50,
    minimum: 1,
    reloadable: true,
    description: 'Most conductors that are forgotten at once.',
  }),
  check_allocations_interval: integer({
    default: 60,
    minimum: 0,
    unit: 'seconds',
    description: 'How often allocations are taken up whose conductor went away before it found a node. 0: never.',
  }),
  sync_power_state_interval: integer({
    default: 120,
    minimum: 0,
    unit: 'seconds',
    description:
      'How often the power state of each node is read from its BMC; the looks are spread evenly over this time. 0: never.',
  }),
  sync_power_state_workers: integer({
    default: 256,
    minimum: 1,
    description:
      'Most BMCs asked for their power state at one time; those that take long are awaited beside them. With ipmi.backend=ipmitool, where each is a process, four for each core at most.',
  }),
  sync_power_state_timeout: integer({
    default: 15,
    minimum: 1,
    unit: 'seconds',
    reloadable: true,
    description: 'How long a BMC may take to tell its power state before that counts as a failure.',
  }),
  power_failure_recovery_interval: integer({
    default: 300,
    minimum: 0,
    unit: 'seconds',
    description:
      'How often BMCs of nodes are asked again that are in maintenance because of them (fault "power failure"). 0: never.',
  }),
  force_power_state_during_sync: boolean({
    default: true,
    reloadable: true,
    description:
      'When the BMC disagrees with the stored power state, set the BMC to it; false: store what the BMC says.',
  }),
  enable_health_monitoring: boolean({
    default: true,
    reloadable: true,
    description:
      'Read the health of machines with their power state, where BMCs tell it by the same request: field `health` of nodes, and its changes in their history.',
  }),
  power_state_sync_max_retries: integer({
    default: 3,
    minimum: 0,
    reloadable: true,
    description: 'Failed syncs in a row after which a node is put into maintenance.',
  }),
  power_state_change_timeout: integer({
    default: 60,
    minimum: 2,
    unit: 'seconds',
    reloadable: true,
    description: 'Longest wait for the BMC to report the power state that was asked for.',
  }),
  soft_power_off_timeout: integer({
    default: 600,
    minimum: 1,
    unit: 'seconds',
    reloadable: true,
    description: 'The same for a soft power off or soft reboot, which the operating system carries out.',
  }),
  check_provision_state_interval: integer({
    default: 60,
    minimum: 0,
    unit: 'seconds',
    description: 'How often overdue wait states are looked for. 0: never.',
  }),
} as const;
