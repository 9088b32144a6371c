// Reads just enough of ELF files: which libraries a program needs, and where the part ends that is loaded.

const ELF_MAGIC = Buffer.from([0x7f, 0x45, 0x4c, 0x46]);
const CLASS_64 = 2;
const LITTLE_ENDIAN = 1;
const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_INTERP = 3;
const DT_NULL = 0;
const DT_NEEDED = 1;
const DT_STRTAB = 5;
// Offsets in the header of a 64-bit file (System V gABI, chapter 4).
const HEADER_BYTES = 64;
const E_PHOFF = 32;
const E_SHOFF = 40;
const E_PHENTSIZE = 54;
const E_PHNUM = 56;
const E_SHNUM = 60;
const E_SHSTRNDX = 62;

type Segment = { type: number; offset: number; address: number; fileBytes: number };

/** Whether a file is a 64-bit little-endian ELF file. */
export function isElf(file: Buffer): boolean {
  return (
    file.length >= HEADER_BYTES &&
    file.subarray(0, 4).equals(ELF_MAGIC) &&
    file[4] === CLASS_64 &&
    file[5] === LITTLE_ENDIAN
  );
}

function readSegments(file: Buffer): Segment[] {
  const start = Number(file.readBigUInt64LE(E_PHOFF));
  const entryBytes = file.readUInt16LE(E_PHENTSIZE);
  return Array.from({ length: file.readUInt16LE(E_PHNUM) }, (_, index) => {
    const at = start + index * entryBytes;
    return {
      type: file.readUInt32LE(at),
      offset: Number(file.readBigUInt64LE(at + 8)),
      address: Number(file.readBigUInt64LE(at + 16)),
      fileBytes: Number(file.readBigUInt64LE(at + 32)),
    };
  });
}

function readText(file: Buffer, offset: number): string {
  return file.toString('utf8', offset, file.indexOf(0, offset));
}

/** Names of the libraries that a program or library is linked with, and its loader; none for other files. */
export function readNeeded(file: Buffer): { libraries: string[]; interpreter: string | null } {
  if (!isElf(file)) return { libraries: [], interpreter: null };
  const segments = readSegments(file);
  const interp = segments.find((segment) => segment.type === PT_INTERP);
  const interpreter = interp === undefined ? null : readText(file, interp.offset);
  const dynamic = segments.find((segment) => segment.type === PT_DYNAMIC);
  if (dynamic === undefined) return { libraries: [], interpreter };
  const entries: { tag: number; value: number }[] = [];
  for (let at = dynamic.offset; at + 16 <= dynamic.offset + dynamic.fileBytes; at += 16) {
    const tag = Number(file.readBigInt64LE(at));
    if (tag === DT_NULL) break;
    entries.push({ tag, value: Number(file.readBigUInt64LE(at + 8)) });
  }
  const tableAddress = entries.find((entry) => entry.tag === DT_STRTAB)?.value ?? 0;
  const home = segments.find(
    (segment) =>
      segment.type === PT_LOAD && tableAddress >= segment.address && tableAddress < segment.address + segment.fileBytes,
  );
  if (home === undefined) return { libraries: [], interpreter };
  const table = tableAddress - home.address + home.offset;
  const needed = entries.filter((entry) => entry.tag === DT_NEEDED);
  return { libraries: needed.map((entry) => readText(file, table + entry.value)), interpreter };
}

/** Cuts off what is not loaded, such as symbols and debugging information, and the list of sections with it. */
export function trimElf(file: Buffer): Buffer {
  if (!isElf(file)) return file;
  const end = Math.max(...readSegments(file).map((segment) => segment.offset + segment.fileBytes));
  const trimmed = Buffer.from(file.subarray(0, end));
  trimmed.writeBigUInt64LE(0n, E_SHOFF);
  trimmed.writeUInt16LE(0, E_SHNUM);
  trimmed.writeUInt16LE(0, E_SHSTRNDX);
  return trimmed;
}
