// Who passes which rule: every rule of the contract, asked by every role in every scope, about an object of a project.
import assert from 'node:assert/strict';
import test from 'node:test';
import { type PolicyRuleName, policyRules } from '@wrought/contract';
import { createPolicy } from '../src/api/policy/policy.ts';
import { callerNamed, callerNames, LESSEE, OWNER } from './support/callers.ts';

const target = {
  'node.owner': OWNER,
  'node.lessee': LESSEE,
  'allocation.owner': OWNER,
  'runbook.owner': OWNER,
};

const roles = ['admin', 'manager', 'member', 'reader', 'service'];
const of = (scope: string, lowest: (typeof roles)[number], ...more: string[]) => {
  const upTo = lowest === 'service' ? ['service'] : roles.slice(0, roles.indexOf(lowest) + 1);
  return [...upTo, ...more].map((role) => `${scope} ${role}`);
};
const projects = (lowest: (typeof roles)[number], ...more: string[]) =>
  ['owner', 'lessee', 'foreign'].flatMap((scope) => of(scope, lowest, ...more));

/** The callers who pass, by the personas of the Bare Metal API. */
const passes: Readonly<Record<string, readonly string[]>> = {
  nobody: [],
  everybody: callerNames,
  systemAdmin: of('system', 'admin'),
  systemAdminOrService: of('system', 'admin', 'service'),
  systemMember: of('system', 'member'),
  systemReader: of('system', 'reader', 'service'),
  projectAdmin: of('owner', 'admin'),
  anyAdminOrService: ['system', 'owner', 'lessee', 'foreign'].flatMap((scope) => of(scope, 'admin', 'service')),
  systemOrProjectMember: [...of('system', 'member', 'service'), ...of('owner', 'member'), ...of('lessee', 'member')],
  systemOrProjectReader: [
    ...of('system', 'reader', 'service'),
    ...of('owner', 'reader', 'service'),
    ...of('lessee', 'reader'),
  ],
  systemOrOwnerMemberAndLesseeAdmin: [
    ...of('system', 'member', 'service'),
    ...of('owner', 'member', 'service'),
    ...of('lessee', 'manager'),
  ],
  systemAdminOrOwnerAdmin: [...of('system', 'admin', 'service'), ...of('owner', 'manager', 'service')],
  systemMemberOrOwnerAdmin: [...of('system', 'member', 'service'), ...of('owner', 'manager', 'service')],
  systemMemberOrOwnerMember: [...of('system', 'member', 'service'), ...of('owner', 'member', 'service')],
  systemOrOwnerReader: [...of('system', 'reader', 'service'), ...of('owner', 'reader', 'service')],
  systemMemberOrOwnerLesseeAdmin: [
    ...of('system', 'member', 'service'),
    ...of('owner', 'manager', 'service'),
    ...of('lessee', 'manager'),
  ],
  ownedByProjectMember: [...of('system', 'member'), ...of('owner', 'member')],
  ownedByProjectReader: [...of('system', 'reader', 'service'), ...of('owner', 'reader')],
  anyMember: [...of('system', 'member'), ...projects('member')],
  runbookAdmin: [...of('system', 'member', 'service'), ...of('owner', 'manager'), ...projects('service')],
  runbookReader: [...of('system', 'reader', 'service'), ...of('owner', 'reader'), ...projects('service')],
  runbookCreator: [...of('system', 'member', 'service'), ...projects('manager', 'service')],
  anyReader: [...of('system', 'reader', 'service'), ...projects('reader', 'service')],
  targetProperties: [...of('system', 'reader', 'service'), ...projects('admin')],
};

/** Rules by who passes them. */
const matrix: Readonly<Record<string, readonly string[]>> = {
  nobody: ['show_password', 'show_instance_secrets', 'public_api', 'baremetal:allocation:create_pre_rbac'],
  everybody: [
    'baremetal:node:ipa_heartbeat',
    'baremetal:driver:ipa_lookup',
    'baremetal:driver:ipa_continue_inspection',
  ],
  systemAdminOrService: ['baremetal:node:create'],
  anyAdminOrService: ['baremetal:node:create:self_owned_node'],
  projectAdmin: ['baremetal:node:delete:self_owned_node'],
  systemAdmin: [
    'baremetal:node:update:chassis_uuid',
    'baremetal:node:update:shard',
    'baremetal:node:update:disable_power_off',
    'baremetal:node:update_owner_provisioned',
    'baremetal:node:delete',
    'baremetal:node:disable_cleaning',
    'baremetal:node:vendor_passthru',
    'baremetal:driver:vendor_passthru',
    'baremetal:chassis:create',
    'baremetal:chassis:delete',
    'baremetal:events:post',
    'wrought:conductor:drain',
    ...['create', 'delete', 'update'].flatMap((verb) => [
      `baremetal:deploy_template:${verb}`,
      `baremetal:inspection_rule:${verb}`,
    ]),
  ],
  systemMember: [
    'baremetal:node:update:owner',
    'baremetal:node:update:conductor_group',
    'baremetal:node:update:parent_node',
    'baremetal:chassis:update',
    'baremetal:allocation:create_restricted',
    'baremetal:runbook:update:public',
    'baremetal:runbook:update:owner',
  ],
  systemReader: [
    'baremetal:node:get:filter_threshold',
    'baremetal:shards:get',
    'baremetal:chassis:get',
    'baremetal:driver:get',
    'baremetal:driver:get_properties',
    'baremetal:driver:get_raid_logical_disk_properties',
    'baremetal:conductor:get',
    'baremetal:deploy_template:get',
    'baremetal:inspection_rule:get',
    'baremetal:inspection_rule:list_all',
    ...['node', 'port', 'portgroup', 'volume', 'allocation', 'runbook'].map((noun) => `baremetal:${noun}:list_all`),
  ],
  anyReader: ['node', 'port', 'portgroup', 'volume', 'allocation', 'runbook'].map((noun) => `baremetal:${noun}:list`),
  systemOrProjectMember: [
    'baremetal:node:update',
    'baremetal:node:update_extra',
    'baremetal:node:set_power_state',
    'baremetal:node:set_boot_mode',
    'baremetal:node:set_secure_boot',
    'baremetal:node:vmedia:attach',
    'baremetal:node:vmedia:detach',
  ],
  systemOrProjectReader: [
    'baremetal:node:get',
    'baremetal:node:get_indicator_state',
    'baremetal:node:get_states',
    'baremetal:node:vif:list',
    'baremetal:node:traits:list',
    'baremetal:node:bios:get',
    'baremetal:node:firmware:get',
    'baremetal:node:vmedia:get',
    'baremetal:port:get',
    'baremetal:portgroup:get',
    'baremetal:volume:get',
  ],
  systemOrOwnerMemberAndLesseeAdmin: [
    'baremetal:node:update_instance_info',
    'baremetal:node:validate',
    'baremetal:node:set_maintenance',
    'baremetal:node:clear_maintenance',
    'baremetal:node:set_provision_state',
    'baremetal:node:set_provision_state:clean_steps',
    'baremetal:node:set_provision_state:service_steps',
    'baremetal:node:vif:attach',
    'baremetal:node:vif:detach',
    'baremetal:volume:update',
  ],
  systemAdminOrOwnerAdmin: [
    'baremetal:port:create',
    'baremetal:port:delete',
    'baremetal:portgroup:create',
    'baremetal:portgroup:delete',
  ],
  systemMemberOrOwnerAdmin: [
    'baremetal:node:update:driver_interfaces',
    'baremetal:node:get_boot_device',
    'baremetal:node:set_boot_device',
    'baremetal:node:inject_nmi',
    'baremetal:node:traits:set',
    'baremetal:node:traits:delete',
    'baremetal:port:update',
    'baremetal:portgroup:update',
  ],
  systemMemberOrOwnerMember: [
    ...['driver_info', 'properties', 'instance_uuid', 'lessee', 'network_data', 'name', 'retired'].map(
      (field) => `baremetal:node:update:${field}`,
    ),
    'baremetal:node:set_indicator_state',
    'baremetal:node:set_raid_state',
    'baremetal:node:get_console',
    'baremetal:node:set_console_state',
  ],
  systemOrOwnerReader: [
    ...['last_error', 'reservation', 'driver_internal_info', 'driver_info'].map(
      (field) => `baremetal:node:get:${field}`,
    ),
    'baremetal:node:history:get',
    'baremetal:node:inventory:get',
  ],
  systemMemberOrOwnerLesseeAdmin: ['baremetal:volume:create', 'baremetal:volume:delete'],
  targetProperties: ['baremetal:volume:view_target_properties'],
  ownedByProjectReader: ['baremetal:allocation:get'],
  ownedByProjectMember: ['baremetal:allocation:delete', 'baremetal:allocation:update'],
  anyMember: ['baremetal:allocation:create'],
  runbookReader: ['baremetal:runbook:get'],
  runbookCreator: ['baremetal:runbook:create'],
  runbookAdmin: ['baremetal:runbook:delete', 'baremetal:runbook:update', 'baremetal:runbook:use'],
};

const closed = { rbac_service_role_elevated_access: false, rbac_service_project_name: 'service' };
const policy = createPolicy(new Map(), () => closed);

test('the matrix has every rule that a route can ask', () => {
  const asked = Object.keys(policyRules).filter((name) => name.includes(':'));
  const covered = Object.values(matrix).flat();
  assert.deepEqual(covered.filter((name) => name.includes(':')).sort(), asked.sort());
});

for (const [persona, rules] of Object.entries(matrix)) {
  test(`${persona}: ${rules.length} rules, ${callerNames.length} callers each`, () => {
    const expected = new Set(passes[persona]);
    for (const rule of rules) {
      for (const name of callerNames) {
        const scopes: readonly string[] | undefined = (policyRules as Record<string, { scopes?: readonly string[] }>)[
          rule
        ]?.scopes;
        const scope = name.startsWith('system') ? 'system' : name.startsWith('domain') ? 'domain' : 'project';
        const isMeant = scopes === undefined || scopes.includes(scope);
        const { allowed } = policy.decide(rule, callerNamed(name), target);
        assert.equal(allowed, isMeant && expected.has(name), `${rule} for ${name}`);
      }
    }
  });
}

test('the service role of the service project has elevated access only when that is switched on', () => {
  const service = { ...callerNamed('foreign service'), project_name: 'service' };
  const elevated = createPolicy(new Map(), () => ({ ...closed, rbac_service_role_elevated_access: true }));
  for (const rule of ['baremetal:node:get', 'baremetal:node:list_all', 'baremetal:node:set_provision_state'] as const) {
    assert.equal(policy.decide(rule, service, target).allowed, false, rule);
    assert.equal(elevated.decide(rule, service, target).allowed, true, rule);
    assert.equal(elevated.decide(rule, callerNamed('foreign service'), target).allowed, false, rule);
  }
});

test('a node without owner belongs to nobody, whatever the caller lacks', () => {
  const unowned = { 'node.owner': null, 'node.lessee': null };
  const rule: PolicyRuleName = 'baremetal:node:get';
  for (const name of ['owner admin', 'foreign admin', 'domain admin']) {
    assert.equal(policy.decide(rule, callerNamed(name), unowned).allowed, false, name);
  }
  assert.equal(
    policy.decide('baremetal:node:delete:self_owned_node', callerNamed('system admin'), unowned).allowed,
    false,
  );
});
