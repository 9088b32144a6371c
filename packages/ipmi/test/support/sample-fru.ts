// FRU inventories of a plausible machine, for the simulators and the comparisons.
import { encodeFruInventory, type FruContent } from '../../src/commands/fru/inventory.ts';

const text = (value: string) => ({ text: value, encoding: 'text' as const });

const machine: FruContent = {
  chassis: {
    language: 0,
    chassisType: 23,
    manufactured: undefined,
    fields: { partNumber: text('CH-2U-24'), serialNumber: text('CHS0012345') },
    custom: [text('rack rails: long')],
  },
  board: {
    language: 0,
    chassisType: undefined,
    manufactured: new Date(Date.UTC(2025, 5, 17, 8, 32)),
    fields: {
      manufacturer: text('Example Boards'),
      productName: { text: 'MAINBOARD-7', encoding: '6-bit ASCII' },
      serialNumber: { text: '0123456789', encoding: 'BCD plus' },
      partNumber: text('MB-7-REV-B'),
      fruFileId: text('fru.bin'),
    },
    custom: [{ text: '00c0ffee', encoding: 'binary' }],
  },
  product: {
    language: 25,
    chassisType: undefined,
    manufactured: undefined,
    fields: {
      manufacturer: text('Example Systems'),
      productName: text('Server 7000 - G2'),
      partNumber: text('S7000-2'),
      version: text('A0'),
      serialNumber: text('S7000SN42'),
      assetTag: text('rack-4-unit-12'),
      fruFileId: text(''),
    },
    custom: [text('a custom field'), text('x')],
  },
};

const powerSupply: FruContent = {
  product: {
    language: 0,
    chassisType: undefined,
    manufactured: undefined,
    fields: { manufacturer: text('Example Power'), productName: text('PSU 750'), serialNumber: text('P750-1') },
    custom: [],
  },
  multiRecords: [
    {
      recordType: 0x00,
      data: Buffer.from('ee022003280528239033504620672f3f0c1e52f300000000', 'hex'),
    },
    { recordType: 0x01, data: Buffer.from([0x01, 0xb0, 0x04, 0x74, 0x04, 0xec, 0x04, 0x78, 0, 0, 0, 0x60, 0xea]) },
    { recordType: 0x02, data: Buffer.from([0x02, 0xf4, 0x01, 0xdb, 0x01, 0x0d, 0x02, 0x32, 0, 0, 0, 0x10, 0x27]) },
    { recordType: 0x03, data: Buffer.concat([Uint8Array.of(1), Buffer.from('https://bmc.example/')]) },
    { recordType: 0xc0, data: Buffer.from([0x57, 0x01, 0x00, 9, 8, 7]) },
  ],
};

/** By FRU device id. */
export const sampleFruContents: Readonly<Record<number, FruContent>> = { 0: machine, 1: powerSupply };

export const sampleFrus: Readonly<Record<number, Buffer>> = {
  0: encodeFruInventory(machine),
  1: encodeFruInventory(powerSupply),
};
