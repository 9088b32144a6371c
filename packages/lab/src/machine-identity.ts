// Who a simulated machine is, as it follows from its name and number: whatever its BMC speaks.
import { createHash } from 'node:crypto';

/** UUIDs of machines that follow from their names: version 5 (SHA-1) of RFC 9562. */
export function uuidOf(name: string): string {
  const hex = createHash('sha1').update(name).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** The serial number of the machine with this number. */
export const serialNumberOf = (index: number): string => `SN${String(index).padStart(8, '0')}`;

/** A locally administered MAC address: the port with this number, from 0, of the machine with this number. */
export function macOf(index: number, port = 0): string {
  const bytes = [0x52, 0x54 + port, index >>> 24, index >>> 16, index >>> 8, index].map((byte) => byte & 0xff);
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}
