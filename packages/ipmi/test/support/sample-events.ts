// Event log records of a machine that had a few bad days, for the simulators and the comparisons.
import type { SelRecord, SystemEvent } from '../../src/commands/sel/record.ts';

const january = Date.UTC(2026, 0, 5, 10, 20, 30) / 1000;

function event(differing: Partial<SystemEvent>): Omit<SystemEvent, 'recordId'> {
  return {
    type: 'system event',
    timestamp: january,
    generator: { kind: 'controller', address: 0x20, channel: 0, lun: 0 },
    messageRevision: 4,
    sensorType: 1,
    sensorNumber: 1,
    direction: 'assertion',
    eventType: 0x6f,
    data: [0, 0xff, 0xff],
    ...differing,
  };
}

const withoutIds = [
  // Above "upper critical": reading and threshold are in the data.
  event({ eventType: 1, data: [0x59, 0x95, 0x90] }),
  event({ eventType: 1, data: [0x59, 0x8f, 0x90], direction: 'deassertion', timestamp: january + 60 }),
  event({ sensorType: 2, sensorNumber: 2, eventType: 1, data: [0x52, 0x04, 0x05] }),
  event({ sensorType: 0x08, sensorNumber: 21, data: [0x01, 0xff, 0xff] }),
  event({ sensorType: 0x08, sensorNumber: 22, data: [0x36, 0xff, 0x04] }),
  event({ sensorType: 0x0c, sensorNumber: 50, data: [0x31, 0xff, 0x07] }),
  event({
    generator: { kind: 'software', id: 0, channel: 0, lun: 0 },
    sensorType: 0x0f,
    sensorNumber: 40,
    data: [0xc0, 0x0b, 0xff],
  }),
  event({ sensorType: 0x0f, sensorNumber: 40, data: [0xc2, 0x13, 0xff] }),
  event({ sensorType: 0x10, sensorNumber: 51, data: [0x02, 0xff, 0xff] }),
  event({ sensorType: 0x10, sensorNumber: 51, data: [0x35, 0xff, 0x5a] }),
  event({ sensorType: 0x12, sensorNumber: 52, data: [0xc5, 0x80, 0xff] }),
  event({ sensorType: 0x1d, sensorNumber: 53, data: [0xf7, 0x01, 0x01] }),
  event({ sensorType: 0x23, sensorNumber: 20, data: [0xc1, 0x14, 0xff] }),
  event({ sensorType: 0x2a, sensorNumber: 54, data: [0xf1, 0x02, 0x11] }),
  event({ sensorType: 0x04, sensorNumber: 24, eventType: 0x0b, data: [0x41, 0xf0, 0xff] }),
  event({ sensorType: 0xc5, sensorNumber: 55, eventType: 0x71, data: [0xa3, 0x12, 0x34] }),
  event({ timestamp: 100, sensorType: 0x09, sensorNumber: 56, data: [0x04, 0xff, 0xff] }),
  event({ timestamp: 0xffffffff, sensorType: 0x05, sensorNumber: 23, data: [0x00, 0xff, 0xff] }),
  {
    type: 'OEM timestamped' as const,
    recordType: 0xc1,
    timestamp: january + 7200,
    manufacturerId: 343,
    data: Buffer.from([1, 2, 3, 4, 5, 6]),
  },
  { type: 'OEM' as const, recordType: 0xe3, data: Buffer.from('unstructured!') },
];

/** Numbered from 1 on, as ipmi_sim does. */
export const sampleEvents: readonly SelRecord[] = withoutIds.map((record, index) => ({
  ...record,
  recordId: index + 1,
}));
