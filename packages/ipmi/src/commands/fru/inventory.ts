// A whole FRU inventory: the common header and what it leads to (FRU Information Storage Definition 1.0, 8).
import { ProtocolError } from '../../errors.ts';
import { byteSum, type DecodedArea, decodeFruArea, encodeFruArea, type FruArea, type FruAreaName } from './areas.ts';
import {
  decodeMultiRecords,
  encodeMultiRecords,
  type MultiRecord,
  multiRecordHeader,
  multiRecordHeaderLength,
} from './multi-record.ts';

export const commonHeaderLength = 8;
const blockLength = 8;
const formatVersion = 1;
const endOfLength = 2;

export interface FruInventory {
  readonly chassis: FruArea<'chassis'> | undefined;
  readonly board: FruArea<'board'> | undefined;
  readonly product: FruArea<'product'> | undefined;
  readonly multiRecords: readonly MultiRecord[];
  /** Wrong checksums, lengths and versions, each with its area; what could be read is there all the same. */
  readonly problems: readonly string[];
}

interface AreaOffsets {
  readonly internalUse: number;
  readonly chassis: number;
  readonly board: number;
  readonly product: number;
  readonly multiRecords: number;
}

/** Offsets in bytes; 0 is absent. */
function areaOffsets(header: Uint8Array): AreaOffsets {
  const offset = (index: number) => (header[index] ?? 0) * blockLength;
  return { internalUse: offset(1), chassis: offset(2), board: offset(3), product: offset(4), multiRecords: offset(5) };
}

function headerProblem(bytes: Uint8Array): string | undefined {
  if (bytes.length < commonHeaderLength) return 'common header: cut off';
  const header = bytes.subarray(0, commonHeaderLength);
  const version = (header[0] ?? 0) & 0x0f;
  if (version !== formatVersion) return `common header: format version ${version} instead of ${formatVersion}`;
  return byteSum(header) === 0 ? undefined : 'common header: checksum is wrong';
}

/**
 * How many bytes an inventory has, as far as its beginning tells: more is known the more is there. Reading goes on while
 * this is more than what was read. Devices are often much larger than their content.
 */
export function fruExtent(bytes: Uint8Array): number {
  if (bytes.length < commonHeaderLength) return commonHeaderLength;
  if (headerProblem(bytes) !== undefined) return commonHeaderLength;
  const { chassis, board, product, multiRecords } = areaOffsets(bytes);
  const ends = [chassis, board, product].map((offset) => {
    if (offset === 0) return 0;
    const length = bytes[offset + 1];
    return length === undefined ? offset + endOfLength : offset + length * blockLength;
  });
  return Math.max(commonHeaderLength, ...ends, multiRecords === 0 ? 0 : multiRecordsEnd(bytes, multiRecords));
}

function multiRecordsEnd(bytes: Uint8Array, offset: number): number {
  let at = offset;
  for (;;) {
    const header = bytes.subarray(at, at + multiRecordHeaderLength);
    if (header.length < multiRecordHeaderLength) return at + multiRecordHeaderLength;
    if (byteSum(header) !== 0) return at + multiRecordHeaderLength;
    const { isLast, length } = multiRecordHeader(header);
    at += multiRecordHeaderLength + length;
    if (isLast) return at;
  }
}

function readArea<Name extends FruAreaName>(
  name: Name,
  bytes: Uint8Array,
  offset: number,
  problems: string[],
): FruArea<Name> | undefined {
  if (offset === 0) return undefined;
  const length = (bytes[offset + 1] ?? 0) * blockLength;
  if (length === 0 || offset + length > bytes.length) {
    problems.push(`${name} area: ${length} bytes at byte ${offset} do not fit`);
    return undefined;
  }
  try {
    const decoded: DecodedArea<Name> = decodeFruArea(name, bytes.subarray(offset, offset + length));
    problems.push(...decoded.problems);
    return decoded.area;
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    problems.push(error.message);
    return undefined;
  }
}

/** Reads an inventory. It never fails: everything that is wrong is in `problems`. */
export function decodeFruInventory(given: Uint8Array): FruInventory {
  const bytes = Buffer.from(given.buffer, given.byteOffset, given.byteLength);
  const wrongHeader = headerProblem(bytes);
  if (wrongHeader !== undefined) {
    return { chassis: undefined, board: undefined, product: undefined, multiRecords: [], problems: [wrongHeader] };
  }
  const problems: string[] = [];
  const offsets = areaOffsets(bytes);
  const multi =
    offsets.multiRecords === 0
      ? { records: [], problems: [] }
      : decodeMultiRecords(bytes.subarray(offsets.multiRecords));
  return {
    chassis: readArea('chassis', bytes, offsets.chassis, problems),
    board: readArea('board', bytes, offsets.board, problems),
    product: readArea('product', bytes, offsets.product, problems),
    multiRecords: multi.records,
    problems: [...problems, ...multi.problems],
  };
}

export interface FruContent {
  readonly chassis?: FruArea<'chassis'>;
  readonly board?: FruArea<'board'>;
  readonly product?: FruArea<'product'>;
  readonly multiRecords?: readonly { readonly recordType: number; readonly data: Uint8Array }[];
}

/** The bytes of an inventory. Throws a RangeError for what does not fit. */
export function encodeFruInventory(content: FruContent): Buffer {
  const { chassis, board, product, multiRecords = [] } = content;
  const areas = [
    chassis === undefined ? Buffer.alloc(0) : encodeFruArea('chassis', chassis),
    board === undefined ? Buffer.alloc(0) : encodeFruArea('board', board),
    product === undefined ? Buffer.alloc(0) : encodeFruArea('product', product),
    encodeMultiRecords(multiRecords),
  ];
  const header = Buffer.alloc(commonHeaderLength);
  header[0] = formatVersion;
  let at = commonHeaderLength;
  for (const [index, area] of areas.entries()) {
    if (area.length > 0) header[index + 2] = at / blockLength;
    at += area.length;
  }
  header[commonHeaderLength - 1] = -byteSum(header) & 0xff;
  return Buffer.concat([header, ...areas]);
}
