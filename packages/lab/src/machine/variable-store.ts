// Writes UEFI variables into the variable store of a machine that is off (EDK II: firmware volume, authenticated variables).
import { readFileSync, writeFileSync } from 'node:fs';

/** EFI_GLOBAL_VARIABLE (UEFI, section 3.3), as it lies in memory. */
const globalVariable = guid('8be4df61-93ca-11d2-aa0d-00e098032b8c');
/** What a store of authenticated variables begins with. */
const storeSignature = guid('aaf32c78-947b-439a-a180-2e144ec37792');

/** Offsets in the header of a firmware volume (UEFI PI, volume 3, section 3.2.1). */
const volume = { signature: 40, headerLength: 48 } as const;
/** The header of the store: GUID, size, format, state. */
const storeHeaderBytes = 28;
const storeSizeOffset = 16;

/** The header of a variable (AUTHENTICATED_VARIABLE_HEADER). */
const variable = { state: 2, attributes: 4, nameSize: 36, dataSize: 40, vendor: 44, bytes: 60 } as const;
const startId = 0x55aa;
/** Written whole; bits are cleared from then on, as in flash. */
const states = { added: 0x3f, deletedMask: 0xfd } as const;
/** Non-volatile, for boot services and the running system. */
const attributes = 7;

/** A GUID in the order of its bytes in memory: the first three fields little-endian. */
function guid(text: string): Buffer {
  const bytes = Buffer.from(text.replaceAll('-', ''), 'hex');
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes;
}

const utf16 = (text: string): Buffer => Buffer.from(`${text}\0`, 'utf16le');
const aligned = (offset: number): number => (offset + 3) & ~3;

interface Found {
  readonly offset: number;
  readonly name: string;
  readonly isGlobal: boolean;
  readonly isPresent: boolean;
  readonly data: Buffer;
}

/** Every variable of a store, also deleted ones, and where the free space is. Throws an Error when it is no such store. */
function readStore(store: Buffer): {
  readonly variables: readonly Found[];
  readonly free: number;
  readonly end: number;
} {
  if (store.toString('latin1', volume.signature, volume.signature + 4) !== '_FVH')
    throw new Error('this is no variable store of UEFI: it begins with no firmware volume');
  const begin = store.readUInt16LE(volume.headerLength);
  if (!store.subarray(begin, begin + 16).equals(storeSignature))
    throw new Error('this variable store does not hold authenticated variables, as those of OVMF do');
  const end = begin + store.readUInt32LE(begin + storeSizeOffset);
  const variables: Found[] = [];
  let offset = aligned(begin + storeHeaderBytes);
  while (offset + variable.bytes <= end && store.readUInt16LE(offset) === startId) {
    const nameSize = store.readUInt32LE(offset + variable.nameSize);
    const dataSize = store.readUInt32LE(offset + variable.dataSize);
    const nameAt = offset + variable.bytes;
    variables.push({
      offset,
      name: store.toString('utf16le', nameAt, nameAt + nameSize - 2),
      isGlobal: store.subarray(offset + variable.vendor, nameAt).equals(globalVariable),
      isPresent: store[offset + variable.state] === states.added,
      data: store.subarray(nameAt + nameSize, nameAt + nameSize + dataSize),
    });
    offset = aligned(nameAt + nameSize + dataSize);
  }
  return { variables, free: offset, end };
}

/** The value of a global variable; undefined when the store has none of this name. */
export function readVariable(path: string, name: string): Buffer | undefined {
  const { variables } = readStore(readFileSync(path));
  return variables.find((each) => each.isGlobal && each.isPresent && each.name === name)?.data;
}

/** Sets global variables, such as BootNext; undefined removes one. Throws an Error when the store has no room, or is none. */
export function writeVariables(path: string, values: Readonly<Record<string, Buffer | undefined>>): void {
  const store = readFileSync(path);
  let { variables, free, end } = readStore(store);
  for (const [name, data] of Object.entries(values)) {
    const present = variables.filter((each) => each.isGlobal && each.isPresent && each.name === name);
    // Each writing takes space until the firmware reclaims it, so what is there already stays.
    if (data !== undefined && present.some((each) => each.data.equals(data))) continue;
    for (const { offset } of present) store[offset + variable.state] = states.added & states.deletedMask;
    if (data === undefined) continue;
    const header = Buffer.alloc(variable.bytes);
    const encoded = utf16(name);
    header.writeUInt16LE(startId, 0);
    header[variable.state] = states.added;
    header.writeUInt32LE(attributes, variable.attributes);
    header.writeUInt32LE(encoded.length, variable.nameSize);
    header.writeUInt32LE(data.length, variable.dataSize);
    globalVariable.copy(header, variable.vendor);
    const whole = Buffer.concat([header, encoded, data]);
    if (free + whole.length > end) throw new Error(`the variable store ${path} has no room for ${name}`);
    whole.copy(store, free);
    free = aligned(free + whole.length);
  }
  writeFileSync(path, store);
}

/** What a Boot#### variable holds (UEFI, section 3.1.3): an active option that the firmware downloads from a URL. */
export function httpBootOption(description: string, uri: string): Buffer {
  const address = Buffer.from(uri);
  // A device path that begins with the URI (section 3.1.2): any network card will do.
  const node = Buffer.from([3, 24, 0, 0]);
  node.writeUInt16LE(4 + address.length, 2);
  const end = Buffer.from([0x7f, 0xff, 4, 0]);
  const path = Buffer.concat([node, address, end]);
  const head = Buffer.alloc(6);
  head.writeUInt32LE(1, 0);
  head.writeUInt16LE(path.length, 4);
  return Buffer.concat([head, utf16(description), path]);
}
