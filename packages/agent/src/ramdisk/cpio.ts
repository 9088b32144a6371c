// Writes cpio archives in the kernel's format (newc), the same bytes for the same tree.

export type TreeEntry =
  | { kind: 'directory'; mode: number }
  | { kind: 'file'; mode: number; content: Buffer }
  | { kind: 'link'; target: string }
  | { kind: 'character-device'; mode: number; major: number; minor: number };

/** What an archive holds, by path without a slash at its beginning. */
export type Tree = Map<string, TreeEntry>;

const TYPE_BITS = { directory: 0o040000, file: 0o100000, link: 0o120000, 'character-device': 0o020000 } as const;
const ALIGNMENT_BYTES = 4;

function pad(bytes: number): Buffer {
  return Buffer.alloc((ALIGNMENT_BYTES - (bytes % ALIGNMENT_BYTES)) % ALIGNMENT_BYTES);
}

function header(path: string, inode: number, mode: number, size: number, major: number, minor: number): Buffer {
  // Owner and group root, one link, time 0, device 0:0.
  const fields = [inode, mode, 0, 0, 1, 0, size, 0, 0, major, minor, Buffer.byteLength(path) + 1, 0];
  const text = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}${path}\0`;
  const bytes = Buffer.from(text, 'utf8');
  return Buffer.concat([bytes, pad(bytes.length)]);
}

function encode(path: string, entry: TreeEntry, inode: number): Buffer[] {
  const type = TYPE_BITS[entry.kind];
  switch (entry.kind) {
    case 'directory':
      return [header(path, inode, type | entry.mode, 0, 0, 0)];
    case 'character-device':
      return [header(path, inode, type | entry.mode, 0, entry.major, entry.minor)];
    case 'link': {
      const target = Buffer.from(entry.target, 'utf8');
      return [header(path, inode, type | 0o777, target.length, 0, 0), target, pad(target.length)];
    }
    default:
      return [
        header(path, inode, type | entry.mode, entry.content.length, 0, 0),
        entry.content,
        pad(entry.content.length),
      ];
  }
}

/** The tree with the directories above its entries, in the order in which the kernel can unpack it. */
function withParents(tree: Tree): [string, TreeEntry][] {
  const all: Tree = new Map(tree);
  for (const path of tree.keys()) {
    const parts = path.split('/');
    for (let length = 1; length < parts.length; length += 1) {
      const parent = parts.slice(0, length).join('/');
      if (!all.has(parent)) all.set(parent, { kind: 'directory', mode: 0o755 });
    }
  }
  return [...all].sort(([left], [right]) => (left < right ? -1 : 1));
}

/** Packs a tree; inode numbers count up, times are 0, so that nothing but the tree decides the bytes. */
export function packCpio(tree: Tree): Buffer {
  const parts = withParents(tree).flatMap(([path, entry], index) => encode(path, entry, index + 1));
  parts.push(header('TRAILER!!!', 0, 0, 0, 0, 0));
  return Buffer.concat(parts);
}
