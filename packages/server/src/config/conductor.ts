// Options of the conductor: its identity, its periodic work, time-outs of flows, and limits on what runs at once.
import { conductorImages } from './conductor-images.ts';
import { conductorPeriodic } from './conductor-periodic.ts';
import { boolean, choice, integer, integerMap, number, path, text, textMap } from './option.ts';

export const conductor = {
  host: text({
    default: '$hostname',
    description: 'Name of this conductor in reservations, leases and the conductor list. Keep it across restarts.',
  }),
  conductor_group: text({ default: '', description: 'Group of nodes that this conductor serves.' }),
  default_conductor_group: text({ default: '', reloadable: true, description: 'Conductor group of new nodes.' }),
  default_resource_class: text({ default: null, reloadable: true, description: 'Resource class of new nodes.' }),
  max_concurrent_deploy: integer({
    default: 250,
    minimum: 1,
    reloadable: true,
    description: 'Most deployments under way at one time, in all conductors together; what is over waits in line.',
  }),
  max_concurrent_clean: integer({
    default: 50,
    minimum: 1,
    reloadable: true,
    description: 'The same for cleanings and tear-downs.',
  }),
  max_concurrent_per_conductor_group: boolean({
    default: false,
    reloadable: true,
    description: 'Count for each conductor group by itself.',
  }),
  when_full: choice({
    default: 'queue',
    allowed: ['queue', 'refuse'],
    reloadable: true,
    description:
      'What becomes of a request over these limits: it is taken and waits its turn, or it is answered 503 as Ironic does.',
  }),
  workers_pool_size: integer({
    default: 300,
    minimum: 3,
    description: 'Most pieces of work (steps, actions) executing at one time; what is over waits its turn.',
  }),
  heartbeat_interval: integer({
    default: 10,
    minimum: 1,
    unit: 'seconds',
    description: 'How often this conductor renews its lease and its "last seen".',
  }),
  heartbeat_timeout: integer({
    default: 60,
    minimum: 1,
    unit: 'seconds',
    description: 'A conductor unseen for this long is shown as not alive.',
  }),
  lease_duration_seconds: integer({
    default: 30,
    minimum: 2,
    unit: 'seconds',
    description: 'How long a lease holds without being renewed; another conductor takes over after it.',
  }),
  lease_safety_margin_seconds: integer({
    default: 5,
    minimum: 0,
    unit: 'seconds',
    description: 'No effect on hardware is begun when less than this is left of the lease.',
  }),
  on_restart: choice({
    default: 'resume',
    allowed: ['resume', 'fail'],
    description: 'What becomes of work that a stopped process left behind: go on where it stood, or fail the node.',
  }),
  graceful_shutdown_timeout: integer({
    default: 60,
    minimum: 0,
    unit: 'seconds',
    description: 'How long SIGTERM waits for steps that execute; what is left resumes after the restart.',
  }),
  ...conductorPeriodic,
  deploy_callback_timeout: integer({
    default: 1800,
    minimum: 0,
    unit: 'seconds',
    reloadable: true,
    description: 'Longest stay in "wait call-back" without a sign of the agent. 0: no limit.',
  }),
  clean_callback_timeout: integer({
    default: 1800,
    minimum: 0,
    unit: 'seconds',
    reloadable: true,
    description: 'Longest stay in "clean wait" without a sign of the agent. 0: no limit.',
  }),
  service_callback_timeout: integer({
    default: 1800,
    minimum: 0,
    unit: 'seconds',
    reloadable: true,
    description: 'Longest stay in "service wait" without a sign of the agent. 0: no limit.',
  }),
  rescue_callback_timeout: integer({
    default: 1800,
    minimum: 0,
    unit: 'seconds',
    reloadable: true,
    description: 'Longest stay in "rescue wait" without a sign of the agent. 0: no limit.',
  }),
  inspect_wait_timeout: integer({
    default: 1800,
    minimum: 0,
    unit: 'seconds',
    reloadable: true,
    description: 'Longest stay in "inspect wait" without the data of the inspection. 0: no limit.',
  }),
  max_conductor_wait_step_seconds: integer({
    default: 30,
    minimum: 0,
    unit: 'seconds',
    reloadable: true,
    description: 'Longest pause that a step "wait" with a number of seconds makes.',
  }),
  node_locked_retry_attempts: integer({
    default: 3,
    minimum: 1,
    reloadable: true,
    description: 'Tries to reserve a node before a request is answered with 409.',
  }),
  node_locked_retry_interval: number({
    default: 1,
    minimum: 0,
    unit: 'seconds',
    reloadable: true,
    description: 'Pause between these tries.',
  }),
  allow_deleting_available_nodes: boolean({
    default: true,
    reloadable: true,
    description: 'Accept the deletion of nodes that are available.',
  }),
  poweroff_in_cleanfail: boolean({
    default: false,
    reloadable: true,
    description: 'Power a node off when its cleaning fails.',
  }),
  poweroff_in_servicefail: boolean({
    default: false,
    reloadable: true,
    description: 'Power a node off when its servicing fails.',
  }),
  rescue_password_hash_algorithm: choice({
    default: 'sha256',
    allowed: ['sha256', 'sha512'],
    reloadable: true,
    description: 'How the password of the rescue ramdisk is hashed; the password itself is not kept.',
  }),
  require_rescue_password_hashed: boolean({
    default: true,
    reloadable: true,
    description:
      'Give agents the hash of the rescue password only. false: those too old for a hash (ironic-python-agent before 6.0) get the password itself, which is stored until the rescue is done.',
  }),
  clean_step_priority_override: integerMap({
    default: {},
    minimum: 0,
    reloadable: true,
    description: 'Priorities of automated clean steps, such as { "deploy.erase_devices" = 0 }; 0 leaves the step out.',
  }),
  automated_cleaning_step_source: choice({
    default: 'autogenerated',
    allowed: ['autogenerated', 'runbook', 'hybrid'],
    reloadable: true,
    description:
      'Where the steps of automated cleaning come from: from the drivers, from a runbook, or (hybrid) from a runbook where one ' +
      'is named and else from the drivers.',
  }),
  automated_cleaning_runbook: text({
    default: null,
    reloadable: true,
    description: 'Runbook of automated cleaning, by name or UUID.',
  }),
  automated_cleaning_runbook_by_resource_class: textMap({
    default: {},
    reloadable: true,
    description:
      'The runbook by resource class, such as { "gold" = "wipe-all" }; goes before `automated_cleaning_runbook`.',
  }),
  automated_cleaning_runbook_from_node: boolean({
    default: false,
    reloadable: true,
    description:
      'Let driver_info/cleaning_runbook of a node name its runbook, before both of these. Who may write driver_info can then ' +
      'choose any runbook.',
  }),
  automated_cleaning_runbook_validate_traits: boolean({
    default: true,
    reloadable: true,
    description: 'Run the runbook only on nodes that have one of its traits; cleaning fails on others.',
  }),
  verify_step_priority_override: integerMap({
    default: {},
    minimum: 0,
    reloadable: true,
    description: 'The same for verify steps.',
  }),
  ...conductorImages,
  housekeeping_interval: integer({
    default: 3600,
    minimum: 0,
    unit: 'seconds',
    description: 'How often what has become old is deleted: finished work, long timelines and histories. 0: never.',
  }),
  finished_work_retention_days: integer({
    default: 30,
    minimum: 1,
    unit: 'days',
    reloadable: true,
    description: 'How long the records of finished work (runs, journal, events) are kept.',
  }),
  enable_trait_based_networking: boolean({
    default: false,
    reloadable: true,
    description:
      'Let the traits of an instance choose which port or port group carries a VIF, where there is a Neutron: trait_based_networking_config_file says how.',
  }),
  trait_based_networking_config_file: path({
    default: null,
    reloadable: true,
    description: 'YAML file of traits and what they do with VIFs; read anew with each VIF.',
  }),
  disable_configdrive_check: boolean({
    default: false,
    reloadable: true,
    description:
      'Leave the network metadata of config drives as they are. Otherwise, where the network service knows the VIFs of the machine, metadata without links, networks and services, or with links without an MTU, is made anew from them.',
  }),
  disable_metadata_mtu_check: boolean({
    default: false,
    reloadable: true,
    description: 'Take links without an MTU in the network metadata of config drives for whole.',
  }),
  node_history_max_entries: integer({
    default: 300,
    minimum: 0,
    reloadable: true,
    description: 'History entries kept for each node; the oldest go first. 0: all.',
  }),
} as const;
