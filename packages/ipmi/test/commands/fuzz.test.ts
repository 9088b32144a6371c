// Random and mutated answers: what decodes them throws ProtocolErrors and nothing else. WROUGHT_IPMI_FUZZ=1000000 for the long run.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bootOptions } from '../../src/commands/boot-options.ts';
import { decodeChannelAccess, decodeChannelInfo } from '../../src/commands/channels.ts';
import { decodeChassisStatus, encodeChassisStatus } from '../../src/commands/chassis-status.ts';
import { decodeDeviceId } from '../../src/commands/device-id.ts';
import { decodeFruInventory, fruExtent } from '../../src/commands/fru/inventory.ts';
import { lanParameters } from '../../src/commands/lan-parameters.ts';
import type { Parameter } from '../../src/commands/parameter.ts';
import { expandSharedRecord } from '../../src/commands/sdr/compact-sensor.ts';
import { convertHysteresis, convertReading, convertTolerance } from '../../src/commands/sdr/conversion.ts';
import { decodeSdr, encodeSdr, isSensorRecord } from '../../src/commands/sdr/record.ts';
import { formatUnits } from '../../src/commands/sdr/units.ts';
import { describeEvent } from '../../src/commands/sel/describe.ts';
import { decodeSelRecord, encodeSelRecord } from '../../src/commands/sel/record.ts';
import { decodeSelInfo } from '../../src/commands/sel.ts';
import { solParameters } from '../../src/commands/sol-configuration.ts';
import { decodeUserAccess } from '../../src/commands/users.ts';
import { decodeWatchdogTimer } from '../../src/commands/watchdog.ts';
import { ProtocolError } from '../../src/errors.ts';
import { randomNumbers } from '../support/random.ts';
import { sampleEvents } from '../support/sample-events.ts';
import { sampleFrus } from '../support/sample-fru.ts';
import { sampleRecords } from '../support/sample-records.ts';

const cases = Number(process.env.WROUGHT_IPMI_FUZZ ?? 20_000);
const seed = Number(process.env.WROUGHT_IPMI_FUZZ_SEED ?? 20260101);

/** Good answers, from which bad ones are made. */
const good: readonly Buffer[] = [
  ...sampleRecords.map(encodeSdr),
  ...sampleEvents.map(encodeSelRecord),
  ...Object.values(sampleFrus),
  encodeChassisStatus(decodeChassisStatus(Uint8Array.of(0x61, 0x10, 0x72, 0xff))),
];

function useSdr(bytes: Buffer): void {
  const record = decodeSdr(bytes);
  if (!isSensorRecord(record)) return;
  if (record.type === 'event-only sensor') {
    assert.ok(expandSharedRecord(record).length <= 15);
    return;
  }
  formatUnits(record.units);
  if (record.type === 'compact sensor') {
    assert.ok(expandSharedRecord(record).length <= 15);
    return;
  }
  for (const value of [convertReading(record, bytes[0] ?? 0), convertHysteresis(record, 3), convertTolerance(record)]) {
    assert.ok(value === undefined || Number.isFinite(value));
  }
}

function useSel(bytes: Buffer): void {
  const record = decodeSelRecord(bytes);
  if (record.type === 'system event') describeEvent(record, sampleRecords.find(isSensorRecord));
}

const parameters: readonly Parameter<unknown>[] = [
  ...Object.values(lanParameters),
  ...Object.values(bootOptions),
  ...Object.values(solParameters),
];

const uses: readonly ((bytes: Buffer) => void)[] = [
  useSdr,
  useSel,
  (bytes) => {
    decodeFruInventory(bytes);
    fruExtent(bytes);
  },
  decodeSelInfo,
  decodeDeviceId,
  decodeChassisStatus,
  decodeWatchdogTimer,
  decodeUserAccess,
  decodeChannelInfo,
  decodeChannelAccess,
  ...parameters.map((parameter) => (bytes: Buffer) => {
    parameter.decode(bytes);
  }),
];

test(`${cases} random and mutated answers make nothing but ProtocolErrors`, () => {
  const below = randomNumbers(seed);
  const mutate = (bytes: Buffer): Buffer => {
    const copy = Buffer.from(bytes.subarray(0, below(4) === 0 ? below(bytes.length + 1) : bytes.length));
    for (let change = below(6); change > 0 && copy.length > 0; change -= 1) copy[below(copy.length)] = below(256);
    return copy;
  };
  const random = () => Buffer.from(Array.from({ length: below(80) }, () => below(256)));
  let refused = 0;
  for (let count = 0; count < cases; count += 1) {
    const template = good[below(good.length)];
    const bytes = template === undefined || below(3) === 0 ? random() : mutate(template);
    // The records each time, the small decoders in turn.
    for (const use of [useSdr, useSel, uses[2 + below(uses.length - 2)]]) {
      try {
        use?.(bytes);
      } catch (error) {
        assert.ok(error instanceof ProtocolError, `${bytes.toString('hex')}: ${error}`);
        refused += 1;
      }
    }
  }
  assert.ok(refused > 0 && refused < 3 * cases);
});
