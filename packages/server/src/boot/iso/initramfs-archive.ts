// Packs a few files into a cpio archive (newc) that a kernel unpacks over its initramfs.
import type { IsoFile } from '../iso9660.ts';

const ALIGNMENT_BYTES = 4;
const FOLDER_MODE = 0o040755;
/** Only for root: there may be secrets in them. */
const FILE_MODE = 0o100600;

function padded(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((ALIGNMENT_BYTES - (bytes.length % ALIGNMENT_BYTES)) % ALIGNMENT_BYTES)]);
}

/** A header with its name; owner root, time 0, so that the same files give the same bytes. */
function header(path: string, inode: number, mode: number, size: number): Buffer {
  const fields = [inode, mode, 0, 0, 1, 0, size, 0, 0, 0, 0, Buffer.byteLength(path) + 1, 0];
  return padded(Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}${path}\0`));
}

/** The archive of these files and of the folders above them; paths without a slash at their beginning. */
export function initramfsArchive(files: readonly IsoFile[]): Buffer {
  const parts: Buffer[] = [];
  const folders = new Set<string>();
  let inode = 0;
  const add = (path: string, mode: number, content: Uint8Array) => {
    inode += 1;
    parts.push(header(path, inode, mode, content.length), padded(content));
  };
  for (const { path, content } of files) {
    const names = path.split('/');
    for (let length = 1; length < names.length; length += 1) {
      const folder = names.slice(0, length).join('/');
      if (!folders.has(folder)) {
        folders.add(folder);
        add(folder, FOLDER_MODE, new Uint8Array());
      }
    }
    add(path, FILE_MODE, content);
  }
  parts.push(header('TRAILER!!!', 0, 0, 0));
  return Buffer.concat(parts);
}
