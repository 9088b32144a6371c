// All scenarios of the harness: those of deploy interfaces, and here what needs none: verification, power, rescue, networks, fakes.
import type { ProvisionState } from '@wrought/contract';
import { deployScenarios } from './deploy-scenarios.ts';
import { machine, requester, type Scenario } from './scenario.ts';

/** What ports that are plugged into the switch of the harness say. */
export const harnessSwitchId = '52:54:00:ff:ff:02';

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

/** Scenarios without a deploy interface in them, and those of the fake drivers. */
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

export const scenarios: readonly Scenario[] = [...others, ...deployScenarios];
