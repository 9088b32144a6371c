// The checks that many policy rules share, in the oslo.policy check language, under the names of the personas they describe.

const systemService = 'role:service and system_scope:all';
const systemReader = `(role:reader and system_scope:all) or (${systemService}) or rule:service_role`;
const systemMember = '(role:member and system_scope:all) or rule:service_role';
const isOwner = 'project_id:%(node.owner)s';
const isLessee = 'project_id:%(node.lessee)s';
const isEither = `(${isOwner} or ${isLessee})`;
const ownerService = `(role:service and ${isOwner})`;
const ownerAdmin = `(role:admin and ${isOwner}) or (role:manager and ${isOwner})`;
const lesseeAdmin = `(role:admin and ${isLessee}) or (role:manager and ${isLessee})`;
const allocationOwner = 'project_id:%(allocation.owner)s';
const runbookOwner = 'project_id:%(runbook.owner)s';

/** Checks by persona. */
export const checks = {
  systemAdmin: 'role:admin and system_scope:all',
  systemMember,
  systemReader,
  projectAdmin: `role:admin and ${isOwner}`,
  systemOrProjectMember: `(${systemMember}) or (role:member and ${isEither}) or (${systemService})`,
  systemOrProjectReader: `(${systemReader}) or (role:reader and ${isEither}) or ${ownerService}`,
  systemOrOwnerMemberAndLesseeAdmin: `(${systemMember}) or (${systemService}) or (role:member and ${isOwner}) or ${lesseeAdmin} or ${ownerService}`,
  systemAdminOrOwnerAdmin: `(role:admin and system_scope:all) or (${systemService}) or ${ownerAdmin} or ${ownerService}`,
  systemMemberOrOwnerAdmin: `(${systemMember}) or (${systemService}) or ${ownerAdmin} or ${ownerService}`,
  systemMemberOrOwnerMember: `(${systemMember}) or (${systemService}) or (role:member and ${isOwner}) or ${ownerService}`,
  systemOrOwnerReader: `(${systemReader}) or (${systemService}) or (role:reader and ${isOwner}) or ${ownerService}`,
  systemMemberOrOwnerLesseeAdmin: `(${systemMember}) or (${systemService}) or ${ownerAdmin} or ${lesseeAdmin} or ${ownerService}`,
  allocationMember: `(${systemMember}) or (role:member and ${allocationOwner})`,
  allocationReader: `(${systemReader}) or (role:reader and ${allocationOwner})`,
  allocationCreator: `(${systemMember}) or (role:member)`,
  runbookAdmin: `(${systemMember}) or (role:manager and ${runbookOwner}) or role:service`,
  runbookReader: `(${systemReader}) or (role:reader and ${runbookOwner}) or role:service`,
  runbookCreator: `(${systemMember}) or role:manager or role:service`,
  apiReader: '(role:reader) or (role:service)',
  targetPropertiesReader: `(${systemReader}) or (role:admin)`,
} as const;
