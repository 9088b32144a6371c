// Tells what kind of image a file is from its own bytes, before any tool opens it, and whether it is safe to open.

/** The bytes of an image's beginning that are needed; an ISO tells itself after 32 KiB. */
export const IMAGE_HEAD_BYTES = 64 * 1024;

export type ImageFormat = 'raw' | 'gpt' | 'iso' | 'qcow2' | 'qed' | 'vmdk' | 'vhd' | 'vhdx' | 'vdi' | 'luks';

export type InspectedImage = {
  format: ImageFormat;
  /** Bytes of the disk inside; null for formats that are as large as their file. */
  virtualSizeBytes: number | null;
  /** Why a tool must not open it: each a sentence part such as `it names a backing file`. */
  dangers: string[];
};

const SIGNATURES: readonly { format: ImageFormat; offset: number; bytes: Buffer }[] = [
  { format: 'qcow2', offset: 0, bytes: Buffer.from('QFI\xfb', 'latin1') },
  { format: 'qed', offset: 0, bytes: Buffer.from('QED\0', 'latin1') },
  { format: 'vmdk', offset: 0, bytes: Buffer.from('KDMV', 'latin1') },
  { format: 'vmdk', offset: 0, bytes: Buffer.from('# Disk DescriptorFile', 'latin1') },
  { format: 'vhd', offset: 0, bytes: Buffer.from('conectix', 'latin1') },
  { format: 'vhdx', offset: 0, bytes: Buffer.from('vhdxfile', 'latin1') },
  { format: 'vdi', offset: 0x40, bytes: Buffer.from([0x7f, 0x10, 0xda, 0xbe]) },
  { format: 'luks', offset: 0, bytes: Buffer.from('LUKS\xba\xbe', 'latin1') },
  { format: 'iso', offset: 32769, bytes: Buffer.from('CD001', 'latin1') },
  // A partition table is what Ironic calls gpt: GPT proper, or an MBR.
  { format: 'gpt', offset: 512, bytes: Buffer.from('EFI PART', 'latin1') },
  { format: 'gpt', offset: 510, bytes: Buffer.from([0x55, 0xaa]) },
];

// qcow2, docs/interop/qcow2.txt of QEMU.
const QCOW2_V2_HEADER_BYTES = 72;
const QCOW2_V3_HEADER_BYTES = 104;
const QCOW2_FEATURE_DIRTY = 1n << 0n;
const QCOW2_FEATURE_CORRUPT = 1n << 1n;
const QCOW2_FEATURE_DATA_FILE = 1n << 2n;
const QCOW2_FEATURE_COMPRESSION = 1n << 3n;
const QCOW2_FEATURE_EXTENDED_L2 = 1n << 4n;
const QCOW2_KNOWN_FEATURES =
  QCOW2_FEATURE_DIRTY |
  QCOW2_FEATURE_CORRUPT |
  QCOW2_FEATURE_DATA_FILE |
  QCOW2_FEATURE_COMPRESSION |
  QCOW2_FEATURE_EXTENDED_L2;
const QCOW2_EXTENSION_DATA_FILE = 0x44415441;
const QCOW2_EXTENSION_BACKING_FORMAT = 0xe2792aca;
const QCOW2_CLUSTER_BITS = { min: 9, max: 21 };

/** The kinds of the header extensions of a qcow2 image; the list ends where the file or the list does. */
function readQcow2Extensions(head: Buffer, headerBytes: number): Set<number> {
  const kinds = new Set<number>();
  let offset = headerBytes;
  while (offset + 8 <= head.length) {
    const kind = head.readUInt32BE(offset);
    if (kind === 0) break;
    kinds.add(kind);
    const length = head.readUInt32BE(offset + 4);
    offset += 8 + Math.ceil(length / 8) * 8;
  }
  return kinds;
}

function inspectQcow2(head: Buffer): InspectedImage {
  const image: InspectedImage = { format: 'qcow2', virtualSizeBytes: null, dangers: [] };
  const version = head.length >= 8 ? head.readUInt32BE(4) : 0;
  const isVersion3 = version === 3;
  if (version !== 2 && !isVersion3) {
    image.dangers.push(`its qcow2 version is ${version}, and 2 and 3 are known`);
    return image;
  }
  const minimumBytes = isVersion3 ? QCOW2_V3_HEADER_BYTES : QCOW2_V2_HEADER_BYTES;
  if (head.length < minimumBytes) {
    image.dangers.push(`its header is cut off after ${head.length} bytes`);
    return image;
  }
  const size = head.readBigUInt64BE(24);
  const clusterBits = head.readUInt32BE(20);
  if (size > BigInt(Number.MAX_SAFE_INTEGER)) image.dangers.push(`its size of ${size} bytes is absurd`);
  else image.virtualSizeBytes = Number(size);
  if (clusterBits < QCOW2_CLUSTER_BITS.min || clusterBits > QCOW2_CLUSTER_BITS.max) {
    image.dangers.push(`its cluster size of 2^${clusterBits} bytes is not allowed`);
  }
  if (head.readBigUInt64BE(8) !== 0n) image.dangers.push('it names a backing file');
  if (head.readUInt32BE(32) !== 0) image.dangers.push('it is encrypted');
  const headerBytes = isVersion3 ? head.readUInt32BE(100) : QCOW2_V2_HEADER_BYTES;
  if (isVersion3) {
    const features = head.readBigUInt64BE(72);
    if ((features & QCOW2_FEATURE_DATA_FILE) !== 0n) image.dangers.push('it keeps its data in another file');
    if ((features & QCOW2_FEATURE_CORRUPT) !== 0n) image.dangers.push('it is marked as corrupt');
    if ((features & ~QCOW2_KNOWN_FEATURES) !== 0n) {
      image.dangers.push(`it needs unknown features (0x${features.toString(16)})`);
    }
    if (headerBytes < QCOW2_V3_HEADER_BYTES) image.dangers.push(`its header claims to have ${headerBytes} bytes`);
  }
  const extensions = readQcow2Extensions(head, headerBytes);
  if (extensions.has(QCOW2_EXTENSION_DATA_FILE)) image.dangers.push('it names an external data file');
  if (extensions.has(QCOW2_EXTENSION_BACKING_FORMAT) && !image.dangers.includes('it names a backing file')) {
    image.dangers.push('it names the format of a backing file');
  }
  return image;
}

/** Inspects the first `IMAGE_HEAD_BYTES` (or all, when there are fewer) of an image. */
export function inspectImage(head: Buffer): InspectedImage {
  const signature = SIGNATURES.find(({ offset, bytes }) => head.subarray(offset, offset + bytes.length).equals(bytes));
  const format = signature?.format ?? 'raw';
  return format === 'qcow2' ? inspectQcow2(head) : { format, virtualSizeBytes: null, dangers: [] };
}

/** Formats that are written byte by byte as they are. */
const RAW_FORMATS: readonly ImageFormat[] = ['raw', 'gpt', 'iso'];
/** What Ironic permits when the server says nothing. */
export const DEFAULT_PERMITTED_FORMATS: readonly string[] = ['raw', 'gpt', 'qcow2', 'iso'];

/**
 * Decides whether an image may be written as what it was declared to be.
 *
 * @param declared `disk_format` of the image, null when the server does not know it.
 * @returns the reason against it, or null when all is well.
 */
export function objectionToImage(
  image: InspectedImage,
  declared: string | null,
  permitted: readonly string[] = DEFAULT_PERMITTED_FORMATS,
): string | null {
  if (!permitted.includes(image.format) && !(image.format === 'gpt' && permitted.includes('raw'))) {
    return `its format is ${image.format}, and permitted are ${permitted.join(', ')}`;
  }
  const actual = RAW_FORMATS.includes(image.format) ? 'raw' : image.format;
  const isAsDeclared = declared === null || declared === image.format || declared === actual;
  if (!isAsDeclared) {
    return `it was declared as ${declared}, but its content is ${image.format}; correct the image's disk_format`;
  }
  if (actual !== 'raw' && actual !== 'qcow2') return `images of format ${image.format} cannot be written`;
  return image.dangers.length === 0 ? null : image.dangers.join(', and ');
}
