// Writes small ISO 9660 images (with Joliet names) in memory: the same files always give the same bytes.

/** A file with its path inside the image, folders separated by "/". */
export interface IsoFile {
  readonly path: string;
  readonly content: Uint8Array;
}

const SECTOR = 2048;
/** ECMA-119 section 6.2.1: the first 16 sectors are left to systems. */
const SYSTEM_SECTORS = 16;
const DESCRIPTOR_SECTORS = 3;
/** 1980-01-01 00:00:00 UTC: images carry no time, so that they can be made again byte by byte. */
const RECORDING_TIME = [80, 1, 1, 0, 0, 0, 0];

interface Folder {
  readonly name: string;
  readonly parent: Folder | undefined;
  readonly folders: Folder[];
  readonly files: FileEntry[];
  readonly sector: { plain: number; joliet: number };
}

interface FileEntry {
  readonly name: string;
  readonly content: Uint8Array;
  sector: number;
}

type Names = 'plain' | 'joliet';

const sectorsFor = (bytes: number) => Math.ceil(bytes / SECTOR);

function makeFolder(name: string, parent: Folder | undefined): Folder {
  return { name, parent, folders: [], files: [], sector: { plain: 0, joliet: 0 } };
}

function buildTree(files: readonly IsoFile[]): Folder {
  const root = makeFolder('', undefined);
  for (const { path, content } of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const parts = path.split('/');
    const fileName = parts.pop() ?? '';
    let folder = root;
    for (const part of parts) {
      let next = folder.folders.find(({ name }) => name === part);
      if (next === undefined) {
        next = makeFolder(part, folder);
        folder.folders.push(next);
      }
      folder = next;
    }
    folder.files.push({ name: fileName, content, sector: 0 });
  }
  return root;
}

/** All folders, parents first, as path tables want them. */
function allFolders(root: Folder): Folder[] {
  const folders = [root];
  for (const folder of folders) {
    folders.push(...folder.folders);
  }
  return folders;
}

/** UCS-2 with the high byte first, as Joliet has it. */
function ucs2(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16();
}

function identifier(names: Names, name: string, isFile: boolean): Buffer {
  if (names === 'joliet') {
    return ucs2(isFile ? `${name};1` : name);
  }
  const upper = name.toUpperCase();
  return Buffer.from(isFile ? `${upper.includes('.') ? upper : `${upper}.`};1` : upper, 'latin1');
}

function bothEndian32(target: Buffer, offset: number, value: number): void {
  target.writeUInt32LE(value, offset);
  target.writeUInt32BE(value, offset + 4);
}

function bothEndian16(target: Buffer, offset: number, value: number): void {
  target.writeUInt16LE(value, offset);
  target.writeUInt16BE(value, offset + 2);
}

/** A directory record (ECMA-119 section 9.1). */
function record(id: Buffer, sector: number, bytes: number, isFolder: boolean): Buffer {
  const length = 33 + id.length + (id.length % 2 === 0 ? 1 : 0);
  const entry = Buffer.alloc(length);
  entry[0] = length;
  bothEndian32(entry, 2, sector);
  bothEndian32(entry, 10, bytes);
  entry.set(RECORDING_TIME, 18);
  entry[25] = isFolder ? 2 : 0;
  bothEndian16(entry, 28, 1);
  entry[32] = id.length;
  id.copy(entry, 33);
  return entry;
}

/** The records of a folder, padded so that none crosses a sector. */
function folderContent(folder: Folder, names: Names, bytesOf: (folder: Folder) => number): Buffer {
  const parent = folder.parent ?? folder;
  const records = [
    record(Buffer.from([0]), folder.sector[names], bytesOf(folder), true),
    record(Buffer.from([1]), parent.sector[names], bytesOf(parent), true),
  ];
  const entries = [
    ...folder.folders.map((each) => ({
      id: identifier(names, each.name, false),
      make: (id: Buffer) => record(id, each.sector[names], bytesOf(each), true),
    })),
    ...folder.files.map((each) => ({
      id: identifier(names, each.name, true),
      make: (id: Buffer) => record(id, each.sector, each.content.length, false),
    })),
  ].sort((a, b) => Buffer.compare(a.id, b.id));
  records.push(...entries.map(({ id, make }) => make(id)));
  const sectors: Buffer[] = [];
  let current = Buffer.alloc(0);
  for (const each of records) {
    if (current.length + each.length > SECTOR) {
      sectors.push(padded(current));
      current = Buffer.alloc(0);
    }
    current = Buffer.concat([current, each]);
  }
  return Buffer.concat([...sectors, padded(current)]);
}

function padded(bytes: Uint8Array): Buffer {
  const whole = Buffer.alloc(Math.max(1, sectorsFor(bytes.length)) * SECTOR);
  whole.set(bytes);
  return whole;
}

/** A path table (ECMA-119 section 9.4). */
function pathTable(folders: readonly Folder[], names: Names, isBigEndian: boolean): Buffer {
  const rows = folders.map((folder) => {
    const id = folder.parent === undefined ? Buffer.from([0]) : identifier(names, folder.name, false);
    const row = Buffer.alloc(8 + id.length + (id.length % 2));
    const parent = folders.indexOf(folder.parent ?? folder) + 1;
    row[0] = id.length;
    if (isBigEndian) {
      row.writeUInt32BE(folder.sector[names], 2);
      row.writeUInt16BE(parent, 6);
    } else {
      row.writeUInt32LE(folder.sector[names], 2);
      row.writeUInt16LE(parent, 6);
    }
    id.copy(row, 8);
    return row;
  });
  return Buffer.concat(rows);
}

interface VolumeLayout {
  readonly volumeId: string;
  readonly totalSectors: number;
  readonly tableBytes: number;
  readonly littleTableSector: number;
  readonly bigTableSector: number;
  readonly root: Buffer;
}

/** A volume descriptor (ECMA-119 sections 8.4 and 8.5); text fields of Joliet are UCS-2. */
function descriptor(names: Names, layout: VolumeLayout): Buffer {
  const block = Buffer.alloc(SECTOR);
  const text = (offset: number, length: number, value: string) => {
    const field =
      names === 'joliet' ? ucs2(value.padEnd(Math.floor(length / 2))) : Buffer.from(value.padEnd(length), 'latin1');
    field.copy(block, offset, 0, length);
  };
  block[0] = names === 'joliet' ? 2 : 1;
  block.write('CD001', 1, 'latin1');
  block[6] = 1;
  text(8, 32, '');
  text(40, 32, layout.volumeId);
  bothEndian32(block, 80, layout.totalSectors);
  if (names === 'joliet') {
    // UCS-2 level 3.
    block.write('%/E', 88, 'latin1');
  }
  bothEndian16(block, 120, 1);
  bothEndian16(block, 124, 1);
  bothEndian16(block, 128, SECTOR);
  bothEndian32(block, 132, layout.tableBytes);
  block.writeUInt32LE(layout.littleTableSector, 140);
  block.writeUInt32BE(layout.bigTableSector, 148);
  layout.root.copy(block, 156);
  for (const offset of [190, 318, 446, 574]) {
    text(offset, 128, '');
  }
  for (const offset of [702, 739, 776]) {
    text(offset, 37, '');
  }
  for (const offset of [813, 830, 847, 864]) {
    block.fill('0', offset, offset + 16, 'latin1');
  }
  block[881] = 1;
  return block;
}

function terminator(): Buffer {
  const block = Buffer.alloc(SECTOR);
  block[0] = 255;
  block.write('CD001', 1, 'latin1');
  block[6] = 1;
  return block;
}

/**
 * Makes an image. Paths are of printable ASCII, names at most 30 characters.
 * @param volumeId the label, at most 16 characters
 */
export function buildIso(volumeId: string, files: readonly IsoFile[]): Buffer {
  const root = buildTree(files);
  const folders = allFolders(root);
  let next = SYSTEM_SECTORS + DESCRIPTOR_SECTORS;
  const take = (bytes: number) => {
    const sector = next;
    next += Math.max(1, sectorsFor(bytes));
    return sector;
  };
  const kinds = ['plain', 'joliet'] as const;
  const tables = kinds.map((names) => {
    const bytes = pathTable(folders, names, false).length;
    return { names, bytes, little: take(bytes), big: take(bytes) };
  });
  // The size of a folder does not depend on where things are, so it can be measured before anything is placed.
  const sizes = new Map(
    kinds.map((names) => [
      names,
      new Map(folders.map((folder) => [folder, folderContent(folder, names, () => 0).length])),
    ]),
  );
  const bytesOf = (names: Names) => (folder: Folder) => sizes.get(names)?.get(folder) ?? 0;
  for (const names of kinds) {
    for (const folder of folders) {
      folder.sector[names] = take(bytesOf(names)(folder));
    }
  }
  const entries = folders.flatMap((folder) => folder.files);
  for (const file of entries) {
    file.sector = take(file.content.length);
  }

  const image = Buffer.alloc(next * SECTOR);
  const put = (sector: number, bytes: Uint8Array) => image.set(bytes, sector * SECTOR);
  tables.forEach(({ names, bytes, little, big }, index) => {
    const layout = {
      volumeId,
      totalSectors: next,
      tableBytes: bytes,
      littleTableSector: little,
      bigTableSector: big,
      root: record(Buffer.from([0]), root.sector[names], bytesOf(names)(root), true),
    };
    put(SYSTEM_SECTORS + index, descriptor(names, layout));
    put(little, pathTable(folders, names, false));
    put(big, pathTable(folders, names, true));
    for (const folder of folders) {
      put(folder.sector[names], folderContent(folder, names, bytesOf(names)));
    }
  });
  put(SYSTEM_SECTORS + 2, terminator());
  for (const file of entries) {
    put(file.sector, file.content);
  }
  return image;
}
