// Irregularities of the API that clients rely on and that no field or route declaration can carry, each named and explained.

export const quirks = {
  /** POST of a node below 1.5 tolerates `name: null` although it refuses any other name. */
  nullNameToleratedOnCreate: true,
  /** PATCH may not set these to null or to an empty name; only the operation remove clears them. */
  nullRefusedInPatch: ['name', 'network_data'],
  /** `include_children` and `parent_node` have a minimum version in `/v1/nodes`, and none in `/v1/nodes/detail`. */
  filtersUncheckedInNodeDetail: ['include_children', 'parent_node'],
  /** Only these filters come back in `next` links, and only when true; all others are lost. */
  filtersKeptInNextLink: ['associated', 'maintenance', 'retired'],
  /** A list narrowed to one instance has no `next` link. */
  noNextLinkWithInstanceUuid: true,
  /** `detail=` below 1.43 is a wrong argument (400), not one that needs a newer version (406). */
  detailArgumentSince: 43,
  /** PATCH of a node in `inspecting` is refused from this version on; older clients may. */
  patchWhileInspectingRefusedSince: 39,
  /** PATCH of a port checks the version of these fields only; newer ones pass. */
  portFieldsCheckedInPatch: [
    'pxe_enabled',
    'local_link_connection',
    'portgroup_uuid',
    'physical_network',
    'is_smartnic',
  ],
  /** The list inside a list in which a chassis shows the links of its nodes. */
  chassisNodesLinksNested: true,
  /** `GET /v1` and its wrong methods answer with fault objects where other version errors are framework objects. */
  faultObjectsAtVersionDocument: true,
  /** Lists below a node or a port group link on to the list of all, so that their second page is that of all ports. */
  childListsLinkToAll: true,
  /** Lists below a node or a port group need its UUID; a name is answered 404. */
  childListsNeedUuid: true,
  /** The name under which the nodes without a shard are counted. */
  nameOfNoShard: 'None',
  /** The field `node` of a new allocation is unknown (400) to older clients, not one that needs a newer version (406). */
  allocationNodeUnknownBelowItsVersion: true,
  /** Links of inspection rules have this word where the path of the rule has another. */
  inspectionRuleLinkPath: 'inspection',
  /** A configuration drive that is empty text or null counts as none. */
  emptyConfigdriveIgnored: true,
} as const;
