// The 16 bytes of Get Device GUID and Get System GUID, which BMCs send in three different orders.

const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * The order of the bytes. `ipmi` is the specification's (table 20-10): all of the UUID's bytes reversed. `rfc4122` is the
 * order in which a UUID is written. `smbios` has the first three fields least significant byte first (SMBIOS 2.6).
 */
export type GuidByteOrder = 'ipmi' | 'rfc4122' | 'smbios';

const positions: Readonly<Record<GuidByteOrder, readonly number[]>> = {
  ipmi: [15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
  rfc4122: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  smbios: [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15],
};

export const guidByteOrders = Object.keys(positions) as readonly GuidByteOrder[];

/** The UUID that the bytes mean in an order, as lower-case text with hyphens. */
export function formatGuid(bytes: Uint8Array, order: GuidByteOrder): string {
  const hex = Buffer.from(positions[order].map((position) => bytes[position] ?? 0)).toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** The bytes of a UUID in an order. Throws a RangeError for text that is no UUID. */
export function parseGuid(uuid: string, order: GuidByteOrder): Buffer {
  if (!uuidForm.test(uuid)) throw new RangeError(`"${uuid}" is no UUID, like 01234567-89ab-cdef-0123-456789abcdef`);
  const written = Buffer.from(uuid.replaceAll('-', ''), 'hex');
  const bytes = Buffer.alloc(16);
  for (const [index, position] of positions[order].entries()) bytes[position] = written[index] ?? 0;
  return bytes;
}

/** Whether a UUID has the variant of RFC 4122 and a version that RFC 9562 knows. */
function isWellFormed(uuid: string): boolean {
  return /^.{14}[1-8].{4}[89ab]/.test(uuid);
}

export interface Guid {
  readonly bytes: Buffer;
  /** The UUID for each order of the bytes. */
  readonly as: Readonly<Record<GuidByteOrder, string>>;
  /**
   * The orders in which version and variant of the UUID are right. Nothing else in the answer tells the order, and by
   * chance more than one may fit: with exactly one it is almost certain, otherwise compare with what the operating system
   * or the asset database says. None for a GUID that is no RFC 4122 UUID.
   */
  readonly plausible: readonly GuidByteOrder[];
}

export function decodeGuid(bytes: Buffer): Guid {
  const as = {
    ipmi: formatGuid(bytes, 'ipmi'),
    rfc4122: formatGuid(bytes, 'rfc4122'),
    smbios: formatGuid(bytes, 'smbios'),
  };
  return { bytes, as, plausible: guidByteOrders.filter((order) => isWellFormed(as[order])) };
}
