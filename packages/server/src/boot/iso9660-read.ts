// Reads the files of small ISO 9660 images in memory, by their Joliet names, their Rock Ridge names, or the plain ones.
import type { IsoFile } from './iso9660.ts';

const SECTOR = 2048;
/** ECMA-119 section 8.1: descriptors begin behind the system area, and end with type 255. */
const FIRST_DESCRIPTOR = 16;
const PRIMARY = 1;
const SUPPLEMENTARY = 2;
const END = 255;
/** Escape sequences that say the names of a supplementary descriptor are Joliet's (UCS-2 levels 1 to 3). */
const JOLIET = ['%/@', '%/C', '%/E'];
const ROOT_RECORD = 156;
const IS_FOLDER = 2;
/** Deeper than any that ECMA-119 allows: an image whose folders go round in circles is none. */
const MOST_LEVELS = 16;
const MOST_RECORDS = 20_000;
/** Files may share their place in an image, so that together they may be far larger than it. */
const MOST_FILE_BYTES = 64 * 2 ** 20;

export interface Iso {
  /** The volume label, such as "config-2". */
  readonly label: string;
  readonly files: readonly IsoFile[];
}

/** The bytes are no ISO 9660 image, or not a whole one. */
export class IsoProblem extends Error {}

type NameOf = (record: Buffer) => string;

/** "name.ext;1" and "name." without what is not part of the name. */
const withoutVersion = (name: string) => name.replace(/;\d+$/, '').replace(/\.$/, '');

function identifier(record: Buffer): Buffer {
  return record.subarray(33, 33 + (record[32] ?? 0));
}

const jolietName: NameOf = (record) => {
  const id = Buffer.from(identifier(record));
  if (id.length % 2 !== 0) {
    throw new IsoProblem('a Joliet name ends in the middle of a character');
  }
  return withoutVersion(id.swap16().toString('utf16le'));
};

/** The name of Rock Ridge's NM entries (IEEE P1282 section 4.1.4), or the plain one in the lower case that it was made of. */
const plainName: NameOf = (record) => {
  const id = identifier(record);
  let name = '';
  for (let at = 33 + id.length + (id.length % 2 === 0 ? 1 : 0); at + 4 <= record.length; ) {
    const length = record[at + 2] ?? 0;
    if (length < 4) {
      break;
    }
    if (record.toString('latin1', at, at + 2) === 'NM') {
      name += record.toString('utf8', at + 5, at + length);
    }
    at += length;
  }
  return name === '' ? withoutVersion(id.toString('latin1')).toLowerCase() : name;
};

function contentOf(image: Buffer, record: Buffer): Buffer {
  const [start, length] = [record.readUInt32LE(2) * SECTOR, record.readUInt32LE(10)];
  if (start + length > image.length) {
    throw new IsoProblem('a file or folder goes on behind the end of the image');
  }
  return image.subarray(start, start + length);
}

function* recordsOf(folder: Buffer): Generator<Buffer> {
  for (let at = 0; at < folder.length; ) {
    const length = folder[at] ?? 0;
    if (length === 0) {
      // No record crosses a sector.
      at = (Math.floor(at / SECTOR) + 1) * SECTOR;
      continue;
    }
    if (length < 34 || at + length > folder.length) {
      throw new IsoProblem('a record of a folder is cut off');
    }
    yield folder.subarray(at, at + length);
    at += length;
  }
}

interface Walk {
  readonly image: Buffer;
  readonly nameOf: NameOf;
  readonly files: IsoFile[];
  records: number;
  bytes: number;
}

function collect(walk: Walk, folder: Buffer, path: readonly string[]): void {
  const { image, nameOf, files } = walk;
  if (path.length > MOST_LEVELS) {
    throw new IsoProblem(`folders are more than ${MOST_LEVELS} levels deep`);
  }
  for (const record of recordsOf(contentOf(image, folder))) {
    const id = identifier(record);
    if (id.length === 1 && (id[0] === 0 || id[0] === 1)) {
      continue;
    }
    walk.records += 1;
    if (walk.records > MOST_RECORDS) {
      throw new IsoProblem(`there are more than ${MOST_RECORDS} files and folders`);
    }
    const here = [...path, nameOf(record)];
    if (((record[25] ?? 0) & IS_FOLDER) !== 0) {
      collect(walk, record, here);
    } else {
      const content = contentOf(image, record);
      walk.bytes += content.length;
      if (walk.bytes > MOST_FILE_BYTES) {
        throw new IsoProblem(`the files have more than ${MOST_FILE_BYTES} bytes together`);
      }
      files.push({ path: here.join('/'), content });
    }
  }
}

/**
 * Reads an image (ECMA-119, with Joliet or Rock Ridge).
 * @returns every file; contents are views of `image`
 * @throws IsoProblem
 */
export function readIso(image: Buffer): Iso {
  let primary: Buffer | undefined;
  let joliet: Buffer | undefined;
  for (let sector = FIRST_DESCRIPTOR; ; sector += 1) {
    const descriptor = image.subarray(sector * SECTOR, (sector + 1) * SECTOR);
    if (descriptor.length < SECTOR || descriptor.toString('latin1', 1, 6) !== 'CD001') {
      throw new IsoProblem('there is no volume descriptor where one has to be');
    }
    if (descriptor[0] === END) {
      break;
    }
    if (descriptor[0] === PRIMARY) {
      primary ??= descriptor;
    } else if (descriptor[0] === SUPPLEMENTARY && JOLIET.includes(descriptor.toString('latin1', 88, 91))) {
      joliet ??= descriptor;
    }
  }
  if (primary === undefined) {
    throw new IsoProblem('there is no primary volume descriptor');
  }
  const files: IsoFile[] = [];
  const root = (joliet ?? primary).subarray(ROOT_RECORD, ROOT_RECORD + 34);
  collect({ image, nameOf: joliet === undefined ? plainName : jolietName, files, records: 0, bytes: 0 }, root, []);
  return { label: primary.toString('latin1', 40, 72).trim(), files };
}
