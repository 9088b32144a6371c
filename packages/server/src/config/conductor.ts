// Options of the conductor: its identity, its periodic work, time-outs of flows, and limits on what runs at once.
import { boolean, choice, integer, integerMap, number, path, pathList, text, textList, textMap } from './option.ts';

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
    default: 8,
    minimum: 1,
    description: 'Most BMCs asked for their power state at one time; those that take long are awaited beside them.',
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
  deploy_kernel: text({
    default: null,
    reloadable: true,
    description: 'Kernel of the agent ramdisk (URL or path) for nodes whose driver_info names none.',
  }),
  deploy_ramdisk: text({
    default: null,
    reloadable: true,
    description: 'Initramfs of the agent ramdisk (URL or path) for nodes whose driver_info names none.',
  }),
  deploy_kernel_by_arch: textMap({
    default: {},
    reloadable: true,
    description: 'The kernel by cpu_arch, such as { "aarch64" = "file:///..." }; goes before `deploy_kernel`.',
  }),
  deploy_ramdisk_by_arch: textMap({
    default: {},
    reloadable: true,
    description: 'The initramfs by cpu_arch; goes before `deploy_ramdisk`.',
  }),
  bootloader: text({
    default: null,
    reloadable: true,
    description:
      'Image of an EFI system partition (URL or path) for boot media, where driver_info/bootloader names none. Unset: one with the loaders of this machine.',
  }),
  bootloader_by_arch: textMap({
    default: {},
    reloadable: true,
    description: 'The same by cpu_arch; goes before `bootloader`.',
  }),
  grub_config_path: text({
    default: 'EFI/BOOT/grub.cfg',
    reloadable: true,
    description: 'Where on boot media the loader of such an image looks for its configuration.',
  }),
  rescue_kernel: text({
    default: null,
    reloadable: true,
    description: 'Kernel of the rescue ramdisk (URL or path) for nodes whose driver_info names none.',
  }),
  rescue_ramdisk: text({
    default: null,
    reloadable: true,
    description:
      'Initramfs of the rescue ramdisk (URL or path) for nodes whose driver_info names none. Unset, like `rescue_kernel`: the agent ramdisk.',
  }),
  rescue_kernel_by_arch: textMap({
    default: {},
    reloadable: true,
    description: 'The rescue kernel by cpu_arch; goes before `rescue_kernel`.',
  }),
  rescue_ramdisk_by_arch: textMap({
    default: {},
    reloadable: true,
    description: 'The rescue initramfs by cpu_arch; goes before `rescue_ramdisk`.',
  }),
  file_url_allowed_paths: pathList({
    default: ['$data_dir/images'],
    reloadable: true,
    description: 'Folders whose files may be named by file:// URLs and as kernel or ramdisk.',
  }),
  permitted_image_formats: textList({
    default: ['raw', 'gpt', 'qcow2', 'iso'],
    allowed: ['raw', 'gpt', 'qcow2', 'iso', 'vmdk', 'vhd', 'vhdx', 'vdi'],
    reloadable: true,
    description: 'Image formats that may be deployed, by what the file is and not by what its name says.',
  }),
  disable_deep_image_inspection: boolean({
    default: false,
    reloadable: true,
    description: 'Trust images without looking at their format; only for images from trusted hands.',
  }),
  disable_support_for_checksum_files: boolean({
    default: false,
    reloadable: true,
    description: 'Refuse an image_checksum that is the URL of a checksum file.',
  }),
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
