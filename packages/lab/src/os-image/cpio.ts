// Writes cpio archives in the "newc" form, which the Linux kernel unpacks as its first root file system.

export interface CpioEntry {
  /** Relative path without a leading slash. Parents must come before children. */
  path: string;
  /** File type and permission bits as in stat(2), such as 0o100755, 0o040755, 0o120777. */
  mode: number;
  /** The file's bytes, or a symbolic link's target. */
  data?: Uint8Array;
}

const alignment = 4;
const trailerName = 'TRAILER!!!';

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}

function padding(length: number): Buffer {
  return Buffer.alloc((alignment - (length % alignment)) % alignment);
}

function entryParts(entry: CpioEntry, inode: number): Uint8Array[] {
  const data = entry.data ?? new Uint8Array(0);
  const name = Buffer.from(`${entry.path}\0`);
  const isDirectory = (entry.mode & 0o170000) === 0o040000;
  // Magic, then: inode, mode, uid, gid, links, mtime, size, device (2), special device (2), name length, check.
  const fields = [inode, entry.mode, 0, 0, isDirectory ? 2 : 1, 0, data.length, 0, 0, 0, 0, name.length, 0];
  const header = Buffer.from(`070701${fields.map(hex).join('')}`);
  return [header, name, padding(header.length + name.length), data, padding(data.length)];
}

/** One archive of the entries in their order; times and owners are zero, so equal content gives equal bytes. */
export function cpioArchive(entries: CpioEntry[]): Buffer {
  const parts = entries.flatMap((entry, index) => entryParts(entry, index + 1));
  return Buffer.concat([...parts, ...entryParts({ path: trailerName, mode: 0 }, 0)]);
}
