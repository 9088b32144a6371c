// What steps and drivers learn: typed facts that the flow engine applies in the transaction that records the outcome.
import type {
  BiosSetting,
  FirmwareComponent,
  FoundPort,
  JsonObject,
  Port,
  Portgroup,
  PowerState,
  StepDescription,
  UserOwnedNodeFields,
} from '@wrought/contract';

/** Members of the internal_info of a port or a port group; null removes a member. */
interface InternalInfoFact {
  readonly uuid: string;
  readonly internal_info: JsonObject;
}

/** What the rules of the operator make of an inspection: fields that users own, checked as a PATCH of them is. */
interface InspectionRulesFact {
  readonly node: Partial<UserOwnedNodeFields> & { readonly traits?: readonly string[] };
  readonly ports: readonly { readonly id: number; readonly changes: Partial<Port> }[];
  /** In place of the plugin data of the inspection. */
  readonly plugin_data?: JsonObject;
}

/** What a BMC told of the hardware, in the shape in which the agent tells it: hooks and rules run over both alike. */
interface InspectionFact {
  readonly inventory: JsonObject;
  readonly plugin_data: JsonObject;
}

/** Everything a driver may say about a node. Members that are absent change nothing. */
export interface Facts {
  readonly power_state?: PowerState | null;
  readonly boot_mode?: string | null;
  readonly secure_boot?: boolean | null;
  readonly health?: string | null;
  /** Merged into driver_internal_info; null removes a member. */
  readonly driver_internal_info?: JsonObject;
  /** Merged into instance_info; null removes a member. */
  readonly instance_info?: JsonObject;
  /** Merged into properties; null removes a member. */
  readonly properties?: JsonObject;
  readonly raid_config?: JsonObject;
  /** The logical disks that a step was given, in place of those that the node was to have. */
  readonly target_raid_config?: JsonObject;
  /** All settings of the BIOS, in place of those known so far. */
  readonly bios_settings?: readonly BiosSetting[];
  /** Components whose firmware is known now; others stay as they are. */
  readonly firmware_components?: readonly FirmwareComponent[];
  /** Merged into the internal_info of ports by their UUID. */
  readonly ports?: readonly InternalInfoFact[];
  /** The same for port groups. */
  readonly portgroups?: readonly InternalInfoFact[];
  /** Port groups that live as long as a VIF is attached to them, with the UUIDs of their ports. */
  readonly new_portgroups?: readonly { readonly portgroup: Portgroup; readonly ports: readonly string[] }[];
  /** UUIDs of such port groups whose VIF is gone. */
  readonly dissolved_portgroups?: readonly string[];
  readonly inspection_rules?: InspectionRulesFact;
  readonly inspection?: InspectionFact;
  /** Ports that the node gets where nobody has their addresses. */
  readonly new_ports?: readonly { readonly address: string }[];
  /**
   * Where the network cards with these addresses were found to be plugged in; what ports say already stays. Whether the firmware boots
   * from them (`pxe_enabled`) is the firmware's to say, and replaces it.
   */
  readonly found_ports?: readonly FoundPort[];
  /** Steps that the agent named; kept in the run until its end. */
  readonly agent_steps?: readonly StepDescription[];
  /** Merged into the memory of the run; null removes a member. */
  readonly memory?: JsonObject;
}

function mergeMembers(a: JsonObject | undefined, b: JsonObject | undefined): JsonObject | undefined {
  return a === undefined ? b : b === undefined ? a : { ...a, ...b };
}

/** Both facts; where they speak of the same thing the later one counts. */
export function mergeFacts(earlier: Facts, later: Facts): Facts {
  const merged: { -readonly [Key in keyof Facts]: Facts[Key] } = { ...earlier, ...later };
  for (const key of ['driver_internal_info', 'instance_info', 'properties', 'memory'] as const) {
    const members = mergeMembers(earlier[key], later[key]);
    if (members !== undefined) {
      merged[key] = members;
    }
  }
  for (const key of ['ports', 'portgroups'] as const) {
    if (earlier[key] !== undefined && later[key] !== undefined) {
      merged[key] = [...earlier[key], ...later[key]];
    }
  }
  for (const key of ['new_portgroups', 'dissolved_portgroups'] as const) {
    if (earlier[key] !== undefined && later[key] !== undefined) {
      Object.assign(merged, { [key]: [...earlier[key], ...later[key]] });
    }
  }
  if (earlier.firmware_components !== undefined && later.firmware_components !== undefined) {
    merged.firmware_components = [...earlier.firmware_components, ...later.firmware_components];
  }
  return merged;
}
