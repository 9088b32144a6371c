// Collects LLDP announcements of the switches around, through tcpdump, since Node has no raw sockets.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Log } from '../log.ts';
import type { Run } from '../process.ts';

const ETHERTYPE_LLDP = 0x88cc;
const ETHERTYPE_VLAN = 0x8100;
const ETHERNET_HEADER_BYTES = 14;
const VLAN_TAG_BYTES = 4;
const PCAP_HEADER_BYTES = 24;
const PCAP_RECORD_HEADER_BYTES = 16;
const PCAP_MAGIC_LITTLE_ENDIAN = 0xa1b2c3d4;

/**
 * The TLVs of an LLDP frame as pairs of type and value in hexadecimal (IEEE 802.1AB clause 8), without the end mark;
 * none when the frame is of another kind. A TLV that is cut off ends the list.
 */
export function parseLldpFrame(frame: Buffer): [number, string][] {
  if (frame.length < ETHERNET_HEADER_BYTES) return [];
  const isTagged = frame.readUInt16BE(12) === ETHERTYPE_VLAN && frame.length >= ETHERNET_HEADER_BYTES + VLAN_TAG_BYTES;
  const start = ETHERNET_HEADER_BYTES + (isTagged ? VLAN_TAG_BYTES : 0);
  if (frame.readUInt16BE(start - 2) !== ETHERTYPE_LLDP) return [];
  const tlvs: [number, string][] = [];
  let offset = start;
  while (offset + 2 <= frame.length) {
    const head = frame.readUInt16BE(offset);
    const type = head >> 9;
    const length = head & 0x1ff;
    offset += 2;
    if (type === 0 || offset + length > frame.length) break;
    tlvs.push([type, frame.toString('hex', offset, offset + length)]);
    offset += length;
  }
  return tlvs;
}

/** The frames of a capture file in pcap's format; a record that is cut off ends the list. */
export function parsePcap(capture: Buffer): Buffer[] {
  if (capture.length < PCAP_HEADER_BYTES) return [];
  const isLittleEndian = capture.readUInt32LE(0) === PCAP_MAGIC_LITTLE_ENDIAN;
  const frames: Buffer[] = [];
  let offset = PCAP_HEADER_BYTES;
  while (offset + PCAP_RECORD_HEADER_BYTES <= capture.length) {
    const length = isLittleEndian ? capture.readUInt32LE(offset + 8) : capture.readUInt32BE(offset + 8);
    offset += PCAP_RECORD_HEADER_BYTES;
    if (offset + length > capture.length) break;
    frames.push(capture.subarray(offset, offset + length));
    offset += length;
  }
  return frames;
}

async function listenOn(
  name: string,
  directory: string,
  timeoutSeconds: number,
  run: Run,
): Promise<[number, string][]> {
  const file = join(directory, `${name}.pcap`);
  const args = [
    '-i',
    name,
    '-c',
    '1',
    '-s',
    '1600',
    '-U',
    '-Z',
    'root',
    '-w',
    file,
    'ether proto 0x88cc or (vlan and ether proto 0x88cc)',
  ];
  // timeout ends tcpdump politely, so that its file is whole; 124 says that nothing came.
  await run('timeout', [String(timeoutSeconds), 'tcpdump', ...args], {
    okExitCodes: [0, 124, 143],
    timeoutSeconds: timeoutSeconds + 10,
  });
  const frame = parsePcap(await readFile(file))[0];
  return frame === undefined ? [] : parseLldpFrame(frame);
}

/**
 * Listens on all the interfaces at once until each has heard an announcement or the time is over.
 *
 * @returns TLVs by interface name; an interface that heard nothing has an empty list.
 */
export async function collectLldp(
  names: readonly string[],
  timeoutSeconds: number,
  run: Run,
  log: Log,
): Promise<Map<string, [number, string][]>> {
  const found = new Map<string, [number, string][]>();
  const directory = await mkdtemp(join(tmpdir(), 'lldp-'));
  try {
    await Promise.all(
      names.map(async (name) => {
        try {
          found.set(name, await listenOn(name, directory, timeoutSeconds, run));
        } catch (error) {
          found.set(name, []);
          log.warning(`LLDP on ${name}: ${error instanceof Error ? error.message : error}`);
        }
      }),
    );
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  return found;
}
