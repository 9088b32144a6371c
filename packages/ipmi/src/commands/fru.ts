// FRU inventory devices: their size, their bytes, and their content decoded (IPMI 2.0, section 34).
import { networkFunction } from '../codec/message.ts';
import type { Connection } from '../connection.ts';
import { FieldReader } from './field-reader.ts';
import { decodeFruInventory, type FruInventory, fruExtent } from './fru/inventory.ts';
import { ReadSize } from './read-size.ts';

const netFn = networkFunction.storage;

/** Get FRU Inventory Area Info (34.1): bytes of the device, and whether it is addressed in words of two bytes. */
export async function getFruInventoryAreaInfo(connection: Connection, fruDeviceId: number) {
  const request = { netFn, command: 0x10, data: Uint8Array.of(fruDeviceId) };
  const reader = new FieldReader(await connection.request(request), 'Get FRU Inventory Area Info');
  return { size: reader.u16('area size'), byWords: (reader.u8('access') & 1) !== 0 };
}

/** Read FRU Data (34.2). Offset and count are in words where the device is addressed so. The BMC may return fewer bytes. */
export async function readFruData(
  connection: Connection,
  fruDeviceId: number,
  offset: number,
  count: number,
): Promise<Buffer> {
  const data = Uint8Array.of(fruDeviceId, offset & 0xff, offset >> 8, count);
  const reader = new FieldReader(await connection.request({ netFn, command: 0x11, data }), 'Read FRU Data');
  reader.u8('count returned');
  return reader.rest();
}

const firstReadBytes = 64;

export interface ReadFruOptions {
  /** All bytes of the device, instead of those that the content needs. */
  readonly whole?: boolean;
}

/** The bytes of an inventory device: as many as its content has, in pieces that the BMC can return. */
export async function readFruBytes(
  connection: Connection,
  fruDeviceId: number,
  options: ReadFruOptions = {},
): Promise<Buffer> {
  const { size, byWords } = await getFruInventoryAreaInfo(connection, fruDeviceId);
  const unit = byWords ? 2 : 1;
  const readSize = new ReadSize(firstReadBytes);
  let bytes: Buffer = Buffer.alloc(0);
  for (;;) {
    const wanted = options.whole ? size : Math.min(size, fruExtent(bytes));
    if (bytes.length >= wanted) return bytes.subarray(0, wanted);
    // Whole pieces, so that the header and the first area come at once; never past the end of the device.
    const asked = Math.min(readSize.bytes, size - bytes.length);
    try {
      const piece = await readFruData(connection, fruDeviceId, bytes.length / unit, Math.ceil(asked / unit));
      // A BMC that returns nothing more has no more.
      if (piece.length === 0) return bytes;
      bytes = Buffer.concat([bytes, piece]);
    } catch (error) {
      if (!readSize.shrinkAfter(error, asked)) throw error;
    }
  }
}

/** Reads and decodes an inventory; 0 is the BMC's own. Completion code 0xcb: there is no such device. */
export async function readFru(connection: Connection, fruDeviceId = 0): Promise<FruInventory> {
  return decodeFruInventory(await readFruBytes(connection, fruDeviceId));
}
