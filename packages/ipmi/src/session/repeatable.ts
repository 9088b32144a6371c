// Which requests only read, so that asking twice does no harm: as data, by network function and command.
import { networkFunction } from '../codec/index.ts';

/** Command numbers of appendix G whose names begin with Get, Read or Reserve (a second reservation replaces the first). */
const reading: Readonly<Record<number, ReadonlySet<number>>> = {
  [networkFunction.chassis]: new Set([0x00, 0x01, 0x07, 0x09, 0x0f]),
  [networkFunction.sensorEvent]: new Set([
    0x01, 0x10, 0x13, 0x15, 0x20, 0x21, 0x22, 0x23, 0x25, 0x27, 0x29, 0x2b, 0x2d, 0x2f,
  ]),
  [networkFunction.application]: new Set([
    0x01, 0x04, 0x07, 0x08, 0x25, 0x2f, 0x31, 0x37, 0x38, 0x3d, 0x3f, 0x41, 0x42, 0x44, 0x46, 0x4a, 0x4b, 0x4d, 0x4e,
    0x4f, 0x50, 0x54, 0x57, 0x59,
  ]),
  [networkFunction.storage]: new Set([
    0x10, 0x11, 0x20, 0x21, 0x22, 0x23, 0x28, 0x40, 0x41, 0x42, 0x43, 0x48, 0x5a, 0x5c,
  ]),
  [networkFunction.transport]: new Set([0x02, 0x11, 0x22]),
};

const dcmi = 0xdc;
/** Get commands of DCMI 1.5; the first byte of the data says that it is DCMI. */
const readingDcmi: ReadonlySet<number> = new Set([0x01, 0x02, 0x03, 0x06, 0x07, 0x09, 0x0c, 0x10, 0x13]);

export function onlyReads(netFn: number, command: number, data: Uint8Array | undefined): boolean {
  if (netFn === networkFunction.group) return data?.[0] === dcmi && readingDcmi.has(command);
  return reading[netFn]?.has(command) ?? false;
}
