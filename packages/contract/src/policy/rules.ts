// The policy rules of the Bare Metal API: the check that each has unless an operator's file says otherwise, and what it is for.
import { checks } from './checks.ts';

export interface PolicyRule {
  /** In the oslo.policy check language. */
  readonly check: string;
  /** What callers may do who pass it, as the end of "may ...", or what it stands for. */
  readonly purpose: string;
  /** Kinds of token that it is meant for; absent for rules that others refer to. */
  readonly scopes?: readonly ('system' | 'project')[];
  /** Kept for files of operators that refer to it. */
  readonly legacy?: true;
}

const any = ['system', 'project'] as const;

function rule(check: string, purpose: string, scopes: PolicyRule['scopes'] = any): PolicyRule {
  return { check, purpose, ...(scopes === undefined ? {} : { scopes }) };
}

function helper(check: string, purpose: string): PolicyRule {
  return { check, purpose };
}

function legacy(check: string, purpose: string): PolicyRule {
  return { check, purpose, legacy: true };
}

/** Every rule by name. */
export const policyRules = {
  admin_api: legacy('role:admin or role:administrator', 'legacy cloud-admin shortcut'),
  public_api: helper('is_public_api:True', 'true for requests that hit an unauthenticated route'),
  show_password: helper(
    '!',
    'when true, secrets in driver_info/driver_internal_info are returned unmasked (never by default)',
  ),
  show_instance_secrets: helper('!', 'when true, secrets in instance_info are returned unmasked (never by default)'),
  service_role: helper(
    'role:service and project_name:%(config.service_project_name)s',
    'matches the service role inside the configured service project',
  ),
  is_member: legacy(
    '(project_domain_id:default or project_domain_id:None) and (project_name:demo or project_name:baremetal)',
    'legacy project membership',
  ),
  is_observer: legacy('rule:is_member and (role:observer or role:baremetal_observer)', 'legacy read-only'),
  is_admin: legacy('rule:admin_api or (rule:is_member and role:baremetal_admin)', 'legacy read-write'),
  is_node_owner: legacy('project_id:%(node.owner)s', 'caller project equals node owner'),
  is_node_lessee: legacy('project_id:%(node.lessee)s', 'caller project equals node lessee'),
  is_allocation_owner: legacy('project_id:%(allocation.owner)s', 'caller project equals allocation owner'),
  'baremetal:node:create': rule(
    '(role:admin and system_scope:all) or (role:service and system_scope:all)',
    'enroll any node',
  ),
  'baremetal:node:create:self_owned_node': rule(
    '(role:admin) or (role:service)',
    'enroll a node that is forced to be owned by the caller project; only consulted when api.project_admin_can_manage_own_nodes',
  ),
  'baremetal:node:list': rule(checks.apiReader, 'list nodes the caller project owns or leases'),
  'baremetal:node:list_all': rule(checks.systemReader, 'list every node'),
  'baremetal:node:get': rule(checks.systemOrProjectReader, 'see one node; failing this turns into 404'),
  'baremetal:node:get:filter_threshold': rule(
    checks.systemReader,
    'callers above this skip the per-field redaction checks',
  ),
  'baremetal:node:get:last_error': rule(checks.systemOrOwnerReader, 'see last_error unredacted'),
  'baremetal:node:get:reservation': rule(checks.systemOrOwnerReader, 'see reservation unredacted'),
  'baremetal:node:get:driver_internal_info': rule(checks.systemOrOwnerReader, 'see driver_internal_info unredacted'),
  'baremetal:node:get:driver_info': rule(checks.systemOrOwnerReader, 'see driver_info unredacted'),
  'baremetal:node:update:driver_info': rule(checks.systemMemberOrOwnerMember, 'change driver_info'),
  'baremetal:node:update:properties': rule(checks.systemMemberOrOwnerMember, 'change properties'),
  'baremetal:node:update:chassis_uuid': rule(checks.systemAdmin, 'change chassis_uuid'),
  'baremetal:node:update:instance_uuid': rule(checks.systemMemberOrOwnerMember, 'change instance_uuid'),
  'baremetal:node:update:lessee': rule(checks.systemMemberOrOwnerMember, 'change lessee'),
  'baremetal:node:update:owner': rule(checks.systemMember, 'change owner'),
  'baremetal:node:update:driver_interfaces': rule(
    checks.systemMemberOrOwnerAdmin,
    'PATCH /driver and every */_interface field',
  ),
  'baremetal:node:update:network_data': rule(checks.systemMemberOrOwnerMember, 'change network_data'),
  'baremetal:node:update:conductor_group': rule(checks.systemMember, 'change conductor_group'),
  'baremetal:node:update:name': rule(checks.systemMemberOrOwnerMember, 'change name'),
  'baremetal:node:update:retired': rule(checks.systemMemberOrOwnerMember, 'change retired'),
  'baremetal:node:update': rule(checks.systemOrProjectMember, 'PATCH of any field without a dedicated rule'),
  'baremetal:node:update_extra': rule(checks.systemOrProjectMember, 'PATCH /extra'),
  'baremetal:node:update_instance_info': rule(
    checks.systemOrOwnerMemberAndLesseeAdmin,
    'PATCH /instance_info and /instance_name',
  ),
  'baremetal:node:update_owner_provisioned': rule(checks.systemAdmin, 'change owner while the node is active', [
    'system',
  ]),
  'baremetal:node:delete': rule(checks.systemAdmin, 'delete any node'),
  'baremetal:node:delete:self_owned_node': rule(
    checks.projectAdmin,
    'delete a node owned by the caller project; fallback when api.project_admin_can_manage_own_nodes',
  ),
  'baremetal:node:validate': rule(
    checks.systemOrOwnerMemberAndLesseeAdmin,
    "ask a node's interfaces whether what they need is there",
  ),
  'baremetal:node:set_maintenance': rule(checks.systemOrOwnerMemberAndLesseeAdmin, 'put a node into maintenance'),
  'baremetal:node:clear_maintenance': rule(checks.systemOrOwnerMemberAndLesseeAdmin, 'take a node out of maintenance'),
  'baremetal:node:get_boot_device': rule(
    checks.systemMemberOrOwnerAdmin,
    'read the boot device and the supported ones',
  ),
  'baremetal:node:set_boot_device': rule(checks.systemMemberOrOwnerAdmin, 'set the boot device'),
  'baremetal:node:get_indicator_state': rule(checks.systemOrProjectReader, 'read indicators such as LEDs'),
  'baremetal:node:set_indicator_state': rule(checks.systemMemberOrOwnerMember, 'switch an indicator'),
  'baremetal:node:inject_nmi': rule(checks.systemMemberOrOwnerAdmin, 'raise a non-maskable interrupt'),
  'baremetal:node:get_states': rule(checks.systemOrProjectReader, 'read the states of a node'),
  'baremetal:node:set_power_state': rule(checks.systemOrProjectMember, 'power a machine on, off or again'),
  'baremetal:node:set_boot_mode': rule(checks.systemOrProjectMember, 'switch between BIOS and UEFI'),
  'baremetal:node:set_secure_boot': rule(checks.systemOrProjectMember, 'switch secure boot'),
  'baremetal:node:set_provision_state': rule(checks.systemOrOwnerMemberAndLesseeAdmin, 'ask for a provision verb'),
  'baremetal:node:set_provision_state:clean_steps': rule(
    checks.systemOrOwnerMemberAndLesseeAdmin,
    'pass raw clean_steps (not via runbook)',
  ),
  'baremetal:node:set_provision_state:service_steps': rule(
    checks.systemOrOwnerMemberAndLesseeAdmin,
    'pass raw service_steps (not via runbook)',
  ),
  'baremetal:node:set_raid_state': rule(checks.systemMemberOrOwnerMember, 'set the wanted RAID configuration'),
  'baremetal:node:get_console': rule(checks.systemMemberOrOwnerMember, 'read how to reach the console'),
  'baremetal:node:set_console_state': rule(checks.systemMemberOrOwnerMember, 'switch the console'),
  'baremetal:node:vif:list': rule(checks.systemOrProjectReader, 'list attached VIFs'),
  'baremetal:node:vif:attach': rule(checks.systemOrOwnerMemberAndLesseeAdmin, 'attach a VIF'),
  'baremetal:node:vif:detach': rule(checks.systemOrOwnerMemberAndLesseeAdmin, 'detach a VIF'),
  'baremetal:node:traits:list': rule(checks.systemOrProjectReader, 'list traits'),
  'baremetal:node:traits:set': rule(checks.systemMemberOrOwnerAdmin, 'set or add traits'),
  'baremetal:node:traits:delete': rule(checks.systemMemberOrOwnerAdmin, 'remove traits'),
  'baremetal:node:bios:get': rule(checks.systemOrProjectReader, 'read BIOS settings'),
  'baremetal:node:disable_cleaning': rule(checks.systemAdmin, 'PATCH automated_clean to false'),
  'baremetal:node:history:get': rule(checks.systemOrOwnerReader, 'read the history'),
  'baremetal:node:inventory:get': rule(checks.systemOrOwnerReader, 'read the inventory that inspection found'),
  'baremetal:node:update:shard': rule(checks.systemAdmin, 'change shard'),
  'baremetal:shards:get': rule(checks.systemReader, 'count the nodes of each shard'),
  'baremetal:node:update:parent_node': rule(checks.systemMember, 'change parent_node'),
  'baremetal:node:update:disable_power_off': rule(checks.systemAdmin, 'change disable_power_off'),
  'baremetal:node:firmware:get': rule(checks.systemOrProjectReader, 'read firmware components'),
  'baremetal:node:vmedia:attach': rule(checks.systemOrProjectMember, 'attach virtual media'),
  'baremetal:node:vmedia:detach': rule(checks.systemOrProjectMember, 'detach virtual media'),
  'baremetal:node:vmedia:get': rule(checks.systemOrProjectReader, 'read attached virtual media'),
  'baremetal:port:get': rule(checks.systemOrProjectReader, 'see ports'),
  'baremetal:port:list': rule(checks.apiReader, "list ports of the caller's project"),
  'baremetal:port:list_all': rule(checks.systemReader, 'list all ports'),
  'baremetal:port:create': rule(checks.systemAdminOrOwnerAdmin, 'create ports'),
  'baremetal:port:delete': rule(checks.systemAdminOrOwnerAdmin, 'delete ports'),
  'baremetal:port:update': rule(checks.systemMemberOrOwnerAdmin, 'change ports'),
  'baremetal:portgroup:get': rule(checks.systemOrProjectReader, 'see port groups'),
  'baremetal:portgroup:create': rule(checks.systemAdminOrOwnerAdmin, 'create port groups'),
  'baremetal:portgroup:delete': rule(checks.systemAdminOrOwnerAdmin, 'delete port groups'),
  'baremetal:portgroup:update': rule(checks.systemMemberOrOwnerAdmin, 'change port groups'),
  'baremetal:portgroup:list': rule(checks.apiReader, "list port groups of the caller's project"),
  'baremetal:portgroup:list_all': rule(checks.systemReader, 'list all port groups'),
  'baremetal:chassis:get': rule(checks.systemReader, 'see chassis', ['system']),
  'baremetal:chassis:create': rule(checks.systemAdmin, 'create chassis', ['system']),
  'baremetal:chassis:delete': rule(checks.systemAdmin, 'delete chassis', ['system']),
  'baremetal:chassis:update': rule(checks.systemMember, 'change chassis', ['system']),
  'baremetal:driver:get': rule(checks.systemReader, 'see hardware types', ['system']),
  'baremetal:driver:get_properties': rule(checks.systemReader, 'read the driver_info keys of a hardware type', [
    'system',
  ]),
  'baremetal:driver:get_raid_logical_disk_properties': rule(
    checks.systemReader,
    'read what logical disks of a hardware type may have',
    ['system'],
  ),
  'baremetal:node:vendor_passthru': rule(checks.systemAdmin, 'call a vendor method of a node'),
  'baremetal:driver:vendor_passthru': rule(checks.systemAdmin, 'call a vendor method of a hardware type', ['system']),
  'baremetal:node:ipa_heartbeat': helper('', 'agent heartbeat; open (empty check)'),
  'baremetal:driver:ipa_lookup': helper('', 'agent lookup; open (empty check)'),
  'baremetal:driver:ipa_continue_inspection': helper('', 'in-band inspection callback; open (empty check)'),
  'baremetal:volume:list_all': rule(checks.systemReader, 'list all volume connectors and targets'),
  'baremetal:volume:list': rule(checks.apiReader, "list volume connectors and targets of the caller's project"),
  'baremetal:volume:get': rule(checks.systemOrProjectReader, 'see volume connectors and targets'),
  'baremetal:volume:create': rule(checks.systemMemberOrOwnerLesseeAdmin, 'create volume connectors and targets'),
  'baremetal:volume:delete': rule(checks.systemMemberOrOwnerLesseeAdmin, 'delete volume connectors and targets'),
  'baremetal:volume:update': rule(checks.systemOrOwnerMemberAndLesseeAdmin, 'change volume connectors and targets'),
  'baremetal:volume:view_target_properties': rule(
    checks.targetPropertiesReader,
    'see volume target properties; otherwise they are replaced by a redaction object',
  ),
  'wrought:conductor:drain': rule(checks.systemAdmin, 'tell a conductor to take no new work, or to take it again'),
  'baremetal:conductor:get': rule(checks.systemReader, 'see conductors'),
  'baremetal:allocation:get': rule(checks.allocationReader, 'see allocations'),
  'baremetal:allocation:list': rule(checks.apiReader, "list allocations of the caller's project"),
  'baremetal:allocation:list_all': rule(checks.systemReader, 'list all allocations'),
  'baremetal:allocation:create': rule(checks.allocationCreator, 'create allocations'),
  'baremetal:allocation:create_restricted': rule(
    checks.systemMember,
    'create an allocation for another owner; also decides whether candidate_nodes are project-filtered',
  ),
  'baremetal:allocation:delete': rule(checks.allocationMember, 'delete allocations'),
  'baremetal:allocation:update': rule(checks.allocationMember, 'change allocations'),
  'baremetal:allocation:create_pre_rbac': rule(
    '(rule:is_member and role:baremetal_admin) or (is_admin_project:True and role:admin)',
    'legacy gate for owner-less allocations when enforce_new_defaults is off',
    ['project'],
  ),
  'baremetal:events:post': rule(checks.systemAdmin, 'tell of events of other services', ['system']),
  'baremetal:deploy_template:get': rule(checks.systemReader, 'see deploy templates'),
  'baremetal:deploy_template:create': rule(checks.systemAdmin, 'create deploy templates'),
  'baremetal:deploy_template:delete': rule(checks.systemAdmin, 'delete deploy templates'),
  'baremetal:deploy_template:update': rule(checks.systemAdmin, 'change deploy templates'),
  'baremetal:runbook:get': rule(checks.runbookReader, 'see runbooks'),
  'baremetal:runbook:list': rule(checks.apiReader, "list runbooks of the caller's project"),
  'baremetal:runbook:list_all': rule(checks.systemReader, 'list all runbooks'),
  'baremetal:runbook:create': rule(checks.runbookCreator, 'create runbooks'),
  'baremetal:runbook:delete': rule(checks.runbookAdmin, 'delete runbooks'),
  'baremetal:runbook:update': rule(checks.runbookAdmin, 'change runbooks'),
  'baremetal:runbook:update:public': rule(checks.systemMember, 'PATCH /public'),
  'baremetal:runbook:update:owner': rule(checks.systemMember, 'PATCH /owner'),
  'baremetal:runbook:use': rule(checks.runbookAdmin, 'execute a runbook on a node'),
  'baremetal:inspection_rule:get': rule(checks.systemReader, 'see inspection rules'),
  'baremetal:inspection_rule:list_all': rule(checks.systemReader, 'list all inspection rules'),
  'baremetal:inspection_rule:create': rule(checks.systemAdmin, 'create inspection rules'),
  'baremetal:inspection_rule:update': rule(checks.systemAdmin, 'change inspection rules'),
  'baremetal:inspection_rule:delete': rule(checks.systemAdmin, 'delete inspection rules'),
} as const satisfies Record<string, PolicyRule>;

export type PolicyRuleName = keyof typeof policyRules;
