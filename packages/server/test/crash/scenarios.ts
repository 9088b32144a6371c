// What is done to a node in one run of the harness: its beginning, the request, and where it must end.
import type { Node, Port, ProvisionState } from '@wrought/contract';
import type { StartDoor } from '../../src/flows/doors.ts';
import type { NewNode } from '../../src/store/nodes.ts';
import type { MachineOptions } from './recorder-machine.ts';

export interface Scenario {
  readonly name: string;
  /** Which implementation it goes through, where the same step is worth a test with more than one: "direct", say. */
  readonly variant: string;
  /** Who carries out the steps that it is there for; undefined: everybody. */
  readonly covers?: 'agent';
  /** Fields of the node at the beginning; the hardware type is "recorder" unless they say otherwise. */
  readonly node: Partial<NewNode> & { readonly provision_state: ProvisionState };
  /** Its network cards, if it has any in the database. */
  readonly ports?: readonly Pick<Port, 'address' | 'local_link_connection' | 'extra'>[];
  readonly machine: MachineOptions;
  /** Configuration, as `--set` takes it. */
  readonly set: readonly string[];
  begin(start: StartDoor, node: Node): Promise<void>;
  /** The state in which the node must end when nothing that must not be repeated was cut off. */
  readonly goal: ProvisionState;
  /** The state in which it must end when it was. */
  readonly failed: ProvisionState;
}

/** What ports that are plugged into the switch of the harness say. */
export const harnessSwitchId = '52:54:00:ff:ff:02';

const requester = { requestId: 'req-crash', user: 'crash-harness', project: null };
const machine: MachineOptions = { power: 'power off', vifs: [], foreignAgent: false };

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

const logicalDisks = { logical_disks: [{ size_gb: 100, raid_level: '1' }] };

/** Every reserved step; the harness lets held nodes go. */
const reserved = [
  { interface: 'power', step: 'power_on' },
  { interface: 'power', step: 'reboot' },
  { interface: 'power', step: 'power_off' },
  { interface: 'deploy', step: 'hold' },
  { interface: 'deploy', step: 'wait', args: { seconds: 0.05 } },
];

/** Something that is asked of a machine with an instance, and that leaves the instance alone. */
function besideProvisioning(name: string, begin: Scenario['begin']): readonly Scenario[] {
  const node = { provision_state: 'active' } as const;
  return [{ name, variant: 'any', node, machine, set: [], begin, goal: 'active', failed: 'active' }];
}

function withRescue(rescue: 'recorder' | 'agent', variant: string): readonly Scenario[] {
  const inState = (provision_state: ProvisionState) => ({ provision_state, rescue_interface: rescue });
  const common = {
    variant,
    machine: { ...machine, power: 'power on' },
    // The agent that has the password is silent for good: no need to ask it three times.
    set: ['agent.max_command_attempts=1'],
  } as const;
  return [
    {
      ...common,
      name: `rescue with ${rescue}`,
      node: inState('active'),
      begin: (start, node) => start.provision({ node, verb: 'rescue', rescuePassword: 'secret', requester }),
      goal: 'rescue',
      failed: 'rescue failed',
    },
    {
      ...common,
      name: `return from rescue with ${rescue}`,
      node: inState('rescue'),
      begin: (start, node) => start.provision({ node, verb: 'unrescue', requester }),
      goal: 'active',
      failed: 'unrescue failed',
    },
  ];
}

/** Scenarios without a deploy interface in them, and those of the fake drivers. */
const servicingOfNetwork = (
  network: 'neutron' | 'ironic-networking',
  more: Pick<Scenario, 'set' | 'ports'>,
): Scenario => ({
  name: `servicing of a network (${network})`,
  variant: 'any',
  node: { driver: 'fake-hardware', provision_state: 'active', network_interface: network },
  machine,
  ...more,
  begin: (start, node) =>
    start.provision({
      node,
      verb: 'service',
      serviceSteps: [{ interface: 'network', step: 'reattach_networking' }],
      requester,
    }),
  goal: 'active',
  failed: 'service failed',
});

const others: readonly Scenario[] = [
  {
    name: 'verification',
    variant: 'any',
    node: { provision_state: 'enroll' },
    machine,
    set: [],
    begin: (start, node) => start.provision({ node, verb: 'manage', requester }),
    goal: 'manageable',
    failed: 'enroll',
  },
  {
    name: 'reboot',
    variant: 'any',
    node: { provision_state: 'active' },
    machine: { ...machine, power: 'power on' },
    set: [],
    begin: (start, node) => start.power({ node, target: 'rebooting', requester }),
    goal: 'active',
    failed: 'active',
  },
  {
    name: 'soft reboot',
    variant: 'any',
    node: { provision_state: 'active' },
    machine: { ...machine, power: 'power on' },
    set: [],
    begin: (start, node) => start.power({ node, target: 'soft rebooting', requester }),
    goal: 'active',
    failed: 'active',
  },
  {
    name: 'deployment with fakes',
    variant: 'any',
    node: { driver: 'fake-hardware', provision_state: 'available', target_raid_config: logicalDisks },
    machine,
    set: [],
    begin: (start, node) =>
      start.provision({
        node,
        verb: 'active',
        deploySteps: [
          { interface: 'raid', step: 'delete_configuration', priority: 99 },
          { interface: 'raid', step: 'create_configuration', priority: 98 },
        ],
        requester,
      }),
    goal: 'active',
    failed: 'deploy failed',
  },
  {
    name: 'cleaning with fakes',
    variant: 'any',
    node: { driver: 'fake-hardware', provision_state: 'manageable', target_raid_config: logicalDisks },
    machine,
    set: [],
    begin: (start, node) =>
      start.provision({
        node,
        verb: 'clean',
        cleanSteps: [
          { interface: 'raid', step: 'create_configuration' },
          { interface: 'raid', step: 'delete_configuration' },
          { interface: 'bios', step: 'apply_configuration', args: { settings: [] } },
          { interface: 'bios', step: 'factory_reset' },
          { interface: 'bios', step: 'cache_bios_settings' },
          { interface: 'firmware', step: 'update', args: { settings: [] } },
          { interface: 'vendor', step: 'log_passthrough' },
        ],
        requester,
      }),
    goal: 'manageable',
    failed: 'clean failed',
  },
  ...besideProvisioning('boot mode', (start, node) => start.bootMode({ node, requester, mode: 'uefi' })),
  ...besideProvisioning('secure boot', (start, node) => start.secureBoot({ node, requester, isOn: true })),
  ...besideProvisioning('console opened', (start, node) => start.console({ node, requester, isEnabled: true })),
  ...besideProvisioning('console closed', (start, node) => start.console({ node, requester, isEnabled: false })),
  ...besideProvisioning('virtual media attached', (start, node) =>
    start.attachVirtualMedium({
      node,
      requester,
      medium: { device_type: 'cdrom', image_url: 'http://192.0.2.1/a.iso', image_download_source: 'http' },
    }),
  ),
  ...besideProvisioning('virtual media detached', (start, node) =>
    start.detachVirtualMedia({ node, requester, types: ['cdrom'] }),
  ),
  {
    name: 'inspection',
    variant: 'any',
    node: { provision_state: 'manageable' },
    machine,
    set: [],
    begin: (start, node) => start.provision({ node, verb: 'inspect', requester }),
    goal: 'manageable',
    failed: 'inspect failed',
  },
  {
    name: 'inspection that fails',
    variant: 'any',
    node: { provision_state: 'manageable', extra: { refuses: true } },
    machine,
    set: [],
    begin: (start, node) => start.provision({ node, verb: 'inspect', requester }),
    goal: 'inspect failed',
    failed: 'inspect failed',
  },
  {
    name: 'adoption',
    variant: 'any',
    node: { provision_state: 'manageable' },
    machine: { ...machine, power: 'power on' },
    set: [],
    begin: (start, node) => start.provision({ node, verb: 'adopt', requester }),
    goal: 'active',
    failed: 'adopt failed',
  },
  {
    name: 'rescue that fails',
    variant: 'any',
    node: { provision_state: 'active', extra: { refuses: true } },
    machine: { ...machine, power: 'power on' },
    set: [],
    begin: (start, node) => start.provision({ node, verb: 'rescue', rescuePassword: 'secret', requester }),
    goal: 'rescue failed',
    failed: 'rescue failed',
  },
  ...withRescue('recorder', 'any'),
  ...withRescue('agent', 'agent'),
  {
    name: 'abort of a failed servicing',
    variant: 'any',
    node: { provision_state: 'service failed' },
    machine,
    set: [],
    begin: (start, node) => start.provision({ node, verb: 'abort', requester }),
    goal: 'active',
    failed: 'service failed',
  },
  {
    name: 'reserved steps in cleaning',
    variant: 'any',
    node: { provision_state: 'manageable' },
    machine,
    set: [],
    begin: (start, node) => start.provision({ node, verb: 'clean', cleanSteps: reserved, requester }),
    goal: 'manageable',
    failed: 'clean failed',
  },
  {
    name: 'reserved steps in servicing',
    variant: 'any',
    node: { provision_state: 'active' },
    machine,
    set: [],
    begin: (start, node) => start.provision({ node, verb: 'service', serviceSteps: reserved, requester }),
    goal: 'active',
    failed: 'service failed',
  },
  {
    name: 'reserved steps in a deployment',
    variant: 'any',
    node: { driver: 'fake-hardware', provision_state: 'available' },
    machine,
    set: [],
    begin: (start, node) =>
      start.provision({
        node,
        verb: 'active',
        deploySteps: reserved.map((each, index) => ({ ...each, priority: 90 - index })),
        requester,
      }),
    goal: 'active',
    failed: 'deploy failed',
  },
  {
    name: 'servicing with fakes',
    variant: 'any',
    node: { driver: 'fake-hardware', provision_state: 'active' },
    machine,
    set: [],
    begin: (start, node) =>
      start.provision({
        node,
        verb: 'service',
        serviceSteps: [
          { interface: 'vendor', step: 'log_passthrough' },
          { interface: 'vendor', step: 'trigger_servicewait' },
        ],
        requester,
      }),
    goal: 'active',
    failed: 'service failed',
  },
  servicingOfNetwork('neutron', {
    // Without VIFs nothing is changed there; test/neutron has the real one.
    set: [
      'neutron.enabled=true',
      'neutron.auth_type=none',
      'neutron.cleaning_network=one',
      'neutron.provisioning_network=one',
    ],
  }),
  servicingOfNetwork('ironic-networking', {
    set: ['idle', 'cleaning', 'provisioning'].map((name) => `ironic_networking.${name}_network=access/native_vlan=100`),
    ports: [
      {
        address: '52:54:00:00:00:01',
        local_link_connection: { switch_id: harnessSwitchId, port_id: 'p1' },
        extra: { switchport: { mode: 'access', native_vlan: 201 } },
      },
    ],
  }),
];

export const scenarios: readonly Scenario[] = [...others, ...deployNames.flatMap(withDeploy)];
