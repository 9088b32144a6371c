// Root device hints: what each operator finds, what is refused, and that any value is found by its own hint.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import {
  formatRootDeviceHint,
  type HintableDevice,
  matchesRootDeviceHints,
  parseRootDeviceHints,
  ROOT_DEVICE_HINTS,
  RootDeviceHintError,
  withoutSkippedDevices,
} from '../src/root-device-hints.ts';

const GIB = 1024 ** 3;
const DISK: HintableDevice = {
  name: '/dev/sda',
  size: 447.1 * GIB,
  rotational: false,
  model: 'Samsung SSD 870',
  vendor: 'ATA',
  serial: 'S5Y1NX0R',
  wwn: '0x5002538f',
  hctl: '0:0:0:0',
  by_path: '/dev/disk/by-path/pci-0000:00:1f.2-ata-1',
};

function matches(hints: { [name: string]: unknown }, device: HintableDevice = DISK): boolean {
  return matchesRootDeviceHints(device, parseRootDeviceHints(hints));
}

suite('root device hints', () => {
  const FOUND: { [name: string]: unknown }[] = [
    {},
    { size: 447 },
    { size: '447' },
    { size: '== 447' },
    { size: '>= 447' },
    { size: '> 447' },
    { size: '< 448' },
    { size: '<= 448' },
    { size: '!= 448' },
    { size: '= 400' },
    { size: '<or> 240 <or> 447' },
    { size: '<range-in> [ 400 500 ]' },
    { size: '<range-in> ( 447 448 )' },
    { size: '<range-in> [400, 500]' },
    { model: 'samsung ssd 870' },
    { model: ' Samsung SSD 870 ' },
    { model: 's== samsung ssd 870' },
    { model: 's!= other' },
    { model: '<in> ssd' },
    { model: '<all-in> ssd 870' },
    { model: '<all-in> ssd <all-in> samsung' },
    { model: '<or> other disk <or> samsung ssd 870' },
    { serial: 's> a' },
    { serial: 's<= s5y1nx0r' },
    { rotational: false },
    { rotational: 'no' },
    { name: '/dev/sda', vendor: 'ata', size: '> 100' },
    { hctl: '0:0:0:0' },
    { by_path: '/dev/disk/by-path/pci-0000:00:1f.2-ata-1' },
  ];
  for (const hints of FOUND) test(`${JSON.stringify(hints)} matches`, () => assert.ok(matches(hints)));

  const NOT_FOUND: { [name: string]: unknown }[] = [
    { size: 448 },
    { size: '!= 447' },
    { size: '<range-in> [ 448 500 ]' },
    { size: '<or> 1 <or> 2' },
    { model: 'samsung' },
    { model: '<in> hdd' },
    { model: '<all-in> ssd 990' },
    { model: '> 5' },
    { rotational: true },
    { wwn_with_extension: '0x1' },
    { name: '/dev/sda', size: 1 },
  ];
  for (const hints of NOT_FOUND) test(`${JSON.stringify(hints)} does not match`, () => assert.ok(!matches(hints)));

  const REFUSED: [{ [name: string]: unknown }, RegExp][] = [
    [{ colour: 'red' }, /"colour" are invalid\. Valid hints are: "size, model/],
    [{ size: 'large' }, /positive integer/],
    [{ size: 0 }, /positive integer/],
    [{ size: -5 }, /positive integer/],
    [{ size: true }, /not an integer/],
    [{ size: '<range-in> 1 2' }, /must look like/],
    [{ size: '<range-in> [ a b ]' }, /must look like/],
    [{ model: 5 }, /not a string/],
    [{ model: '' }, /is empty/],
    [{ model: '<range-in> [ 1 2 ]' }, /for "size" only/],
    [{ model: '> large' }, /compares numbers/],
    [{ rotational: 'perhaps' }, /not a Boolean/],
  ];
  for (const [hints, message] of REFUSED) {
    test(`${JSON.stringify(hints)} is refused`, () => {
      assert.throws(
        () => parseRootDeviceHints(hints),
        (error) => error instanceof RootDeviceHintError && message.test(error.message),
      );
    });
  }

  test('skipped devices are taken out, and an empty object skips none', () => {
    const devices = [DISK, { ...DISK, name: '/dev/sdb', vendor: 'other' }];
    const left = withoutSkippedDevices(devices, [{ vendor: 'other' }, {}]);
    assert.deepEqual(
      left.map((device) => device.name),
      ['/dev/sda'],
    );
  });

  const TEXT_HINTS = Object.entries(ROOT_DEVICE_HINTS).flatMap(([name, kind]) => (kind === 'string' ? [name] : []));
  // Values as hardware has them: no operator stands at their beginning.
  const value = fc.stringMatching(/^[A-Za-z0-9/][A-Za-z0-9 :._/-]{0,20}[A-Za-z0-9]$/);

  test('any text is found by its own hint, by a part of it, and among others', () => {
    fc.assert(
      fc.property(fc.constantFrom(...TEXT_HINTS), value, value, (name, text, other) => {
        const device: HintableDevice = { name: 'x', size: 1, [name]: text };
        assert.ok(matches({ [name]: `s== ${text}` }, device));
        assert.ok(matches({ [name]: `<in> ${text.slice(0, Math.ceil(text.length / 2))}` }, device));
        assert.ok(matches({ [name]: `<or> ${other} <or> ${text}` }, device));
        assert.equal(matches({ [name]: `s!= ${text}` }, device), false);
      }),
    );
  });

  test('a parsed hint that is written and parsed again is the same', () => {
    const operator = fc.constantFrom('s==', 's!=', 's>=', 's<=', 's>', 's<', '<in>', '<or>', '<all-in>');
    fc.assert(
      fc.property(operator, value, (sign, text) => {
        const [hint] = parseRootDeviceHints({ serial: `${sign} ${text}` });
        assert.ok(hint !== undefined);
        assert.deepEqual(parseRootDeviceHints({ serial: formatRootDeviceHint(hint) }), [hint]);
      }),
    );
  });

  test('sizes compare as numbers do', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9000 }), fc.integer({ min: 1, max: 9000 }), (disk, hint) => {
        const device = { name: 'x', size: disk * GIB };
        assert.equal(matches({ size: hint }, device), disk === hint);
        assert.equal(matches({ size: `>= ${hint}` }, device), disk >= hint);
        assert.equal(matches({ size: `< ${hint}` }, device), disk < hint);
        assert.equal(
          matches({ size: `<range-in> ( ${hint} ${hint + 10} ]` }, device),
          disk > hint && disk <= hint + 10,
        );
      }),
    );
  });

  test('no text breaks the parser: it answers with hints or with a named error', () => {
    fc.assert(
      fc.property(fc.constantFrom('size', 'model', 'rotational'), fc.string(), (name, text) => {
        try {
          assert.equal(parseRootDeviceHints({ [name]: text }).length, 1);
        } catch (error) {
          assert.ok(error instanceof RootDeviceHintError, String(error));
        }
      }),
    );
  });
});
