// Reads how a port is wired: the switch and its port, a Smart NIC's host, or that nobody manages it.
import { type Reading, readMac } from './value.ts';

const KEYS: ReadonlySet<string> = new Set([
  'switch_id',
  'port_id',
  'switch_info',
  'hostname',
  'network_type',
  'vtep-logical-switch',
  'vtep-physical-switch',
]);

/** Versions in which OVN VTEP keys exist. */
export const VTEP_SINCE = 90;
export const VTEP_UNTIL = 104;
/** Version that brought `network_type`. */
export const NETWORK_TYPE_SINCE = 64;

/** Combinations of keys that say enough; at least one has to be there unless the object is empty. */
const FORMS = [
  ['switch_id', 'port_id'],
  ['port_id', 'hostname'],
  ['port_id', 'vtep-logical-switch', 'vtep-physical-switch'],
] as const;

const DATAPATH_ID = /^([0-9a-f]{2}:){7}[0-9a-f]{2}$|^0x[0-9a-f]{16}$|^[0-9a-f]{16}$/i;

/** Whether the object has keys that only exist in the VTEP versions. */
export function hasVtepKeys(value: Record<string, unknown>): boolean {
  return 'vtep-logical-switch' in value || 'vtep-physical-switch' in value;
}

/** Accepts a local link connection; `switch_id` is put in lower case. */
export function readLocalLinkConnection(value: Record<string, unknown>): Reading {
  for (const [key, member] of Object.entries(value)) {
    if (!KEYS.has(key)) {
      return { ok: false, at: `.${key}`, found: member, allowed: `only the keys ${[...KEYS].join(', ')}` };
    }
    if (typeof member !== 'string') {
      return { ok: false, at: `.${key}`, found: member, allowed: 'text' };
    }
  }
  const { network_type: networkType, switch_id: switchId } = value;
  if (networkType !== undefined && networkType !== 'managed' && networkType !== 'unmanaged') {
    return { ok: false, at: '.network_type', found: networkType, allowed: '"managed" or "unmanaged"' };
  }
  if (typeof switchId === 'string' && readMac(switchId) === undefined && !DATAPATH_ID.test(switchId)) {
    return {
      ok: false,
      at: '.switch_id',
      found: switchId,
      allowed: 'a MAC address or a 64-bit OpenFlow datapath id',
    };
  }
  const complete =
    Object.keys(value).length === 0 ||
    networkType === 'unmanaged' ||
    FORMS.some((form) => form.every((key) => key in value));
  if (!complete) {
    return { ok: false };
  }
  return { ok: true, value: typeof switchId === 'string' ? { ...value, switch_id: switchId.toLowerCase() } : value };
}
