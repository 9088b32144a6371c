// The ipmi driver through the program ipmitool: its arguments, its secrets, and its words in any form.
import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { readConnection } from '../src/drivers/ipmi/connection.ts';
import { ipmitoolArguments, kgKeyText } from '../src/drivers/ipmi/ipmitool/arguments.ts';
import { classifyFailure } from '../src/drivers/ipmi/ipmitool/classify-failure.ts';
import { parseBootFlags, parseIdentifyState, parsePowerStatus } from '../src/drivers/ipmi/ipmitool/parse.ts';
import { parseSensors } from '../src/drivers/ipmi/ipmitool/sensors.ts';
import { ipmiTask, quick } from './support/ipmi-task.ts';
import { testNode } from './support/task.ts';

test('sensors of every kind are understood, and any text is', () => {
  const printed = `Sensor ID              : Fan 1 (0x30)
 Entity ID             : 29.1 (Fan Device)
 Sensor Type (Threshold)  : Fan (0x04)
 Sensor Reading        : 4200 (+/- 0) RPM
 Status                : ok

Sensor ID              : PS1 Status (0x64)
 Sensor Type (Discrete): Power Supply (0x08)
 Sensor Reading        : 1h
 States Asserted       : Power Supply
                         [Presence detected]

Sensor ID              : DIMM 3 (0x12)
 Sensor Type (Threshold)  : Temperature (0x01)
 Sensor Reading        : No Reading

FRU Device Description : Builtin FRU Device (ID 0)
`;
  assert.deepEqual(
    parseSensors(printed).map(({ type, name, value, unit }) => [type, name, value, unit]),
    [
      ['Fan', 'Fan 1 (0x30)', 4200, 'RPM'],
      ['Power', 'PS1 Status (0x64)', null, null],
      ['Temperature', 'DIMM 3 (0x12)', null, null],
    ],
  );
  fc.assert(fc.property(fc.string(), (text) => Array.isArray(parseSensors(text))));
});

async function script(t: TestContext, text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'wrought-ipmitool-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'ipmitool');
  await writeFile(path, `#!/bin/sh\n${text}\n`);
  await chmod(path, 0o755);
  return path;
}

test('the password is in a file of mode 0600 or in the environment, never in the arguments', async (t) => {
  const program = await script(
    t,
    `case "$*" in *secret12*) echo leaked >&2; exit 1;; esac
{ while [ $# -gt 0 ]; do [ "$1" = -f ] && { stat -c '%a' "$2"; cat "$2"; }; shift; done
echo; echo "env=$IPMI_PASSWORD"; } > "$0.seen"; echo "Chassis Power is on"`,
  );
  for (const [inEnvironment, expected] of [
    [false, /600\nsecret12\nenv=\n/],
    [true, /\nenv=secret12\n/],
  ] as const) {
    const set = [`ipmi.program=${program}`, `ipmi.store_cred_in_env=${inEnvironment}`];
    const { task, power } = ipmiTask(t, 'ipmitool', 623, {}, set);
    assert.equal(await power.getPowerState(task), 'power on');
    assert.match(await readFile(`${program}.seen`, 'utf8'), expected);
  }
});

test('a hanging ipmitool is ended, and a missing one is named', async (t) => {
  const program = await script(t, 'exec sleep 600');
  const hanging = ipmiTask(t, 'ipmitool', 623, {}, [...quick, `ipmi.program=${program}`]);
  await assert.rejects(hanging.power.getPowerState(hanging.task), /ipmitool was ended after 5 s/);
  const missing = ipmiTask(t, 'ipmitool', 623, {}, ['ipmi.program=/nonexistent/ipmitool']);
  await assert.rejects(missing.power.getPowerState(missing.task), /Install the package ipmitool/);
});

test('a BMC that is busy or answers too late is tried again, a refusal is not', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'wrought-busy-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const busyOnce = await script(
    t,
    `[ -e ${folder}/once ] && { echo "Chassis Power is on"; exit 0; }
touch ${folder}/once; echo "RAKP 2 message has an error : insufficient resources for session" >&2; exit 1`,
  );
  const busy = ipmiTask(t, 'ipmitool', 623, {}, ['ipmi.min_command_interval=0', `ipmi.program=${busyOnce}`]);
  assert.equal(await busy.power.getPowerState(busy.task), 'power on');
  assert.deepEqual(
    busy.evidence.map(({ severity }) => severity),
    ['warning', undefined],
  );
  const lateOnce = await script(
    t,
    `[ -e ${folder}/late ] && { echo "Chassis Power is on"; exit 0; }
touch ${folder}/late; echo "IPMI Request Match NOT FOUND" >&2; echo "Unable to get Chassis Power Status" >&2; exit 1`,
  );
  const late = ipmiTask(t, 'ipmitool', 623, {}, ['ipmi.min_command_interval=0', `ipmi.program=${lateOnce}`]);
  assert.equal(await late.power.getPowerState(late.task), 'power on');
  const refusing = await script(
    t,
    `echo "$*" >> ${folder}/refused; echo "Set Chassis Boot Parameter failed: Parameter out of range" >&2; exit 1`,
  );
  const refused = ipmiTask(t, 'ipmitool', 623, {}, [`ipmi.program=${refusing}`]);
  await assert.rejects(
    refused.management.setBootDevice(refused.task, 'pxe', false),
    /"chassis bootdev pxe.*Parameter out of range.*refused the command/,
  );
});

test('every key finds its way into the arguments', () => {
  const connection = readConnection(
    testNode({
      driver_info: {
        ipmi_address: 'fd00::7',
        ipmi_port: '6230',
        ipmi_username: 'root',
        ipmi_priv_level: 'operator',
        ipmi_hex_kg_key: '6b65790a',
        ipmi_bridging: 'dual',
        ipmi_local_address: '0x20',
        ipmi_target_channel: '7',
        ipmi_target_address: '0x72',
        ipmi_transit_channel: 0,
        ipmi_transit_address: '0x82',
      },
    }),
  );
  const args = ipmitoolArguments(connection, {
    packetTimeoutSeconds: 2,
    cipherSuite: '17',
    passwordFile: '/run/pw',
    words: ['chassis', 'power', 'status'],
  });
  assert.equal(
    args.join(' '),
    '-v -I lanplus -H fd00::7 -p 6230 -L OPERATOR -U root -K -C 17 -f /run/pw -R 1 -N 2 -m 0x20 -B 0 -T 0x82 -b 7 -t 0x72 chassis power status',
  );
  assert.equal(kgKeyText('6b65790a'), 'key\n');
  assert.equal(kgKeyText('ff00'), null);
});

test('parsers take anything and invent nothing', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const power = parsePowerStatus(text);
      assert.ok(power === null || /Chassis Power is (on|off)/i.test(text));
      const flags = parseBootFlags(text);
      assert.ok(flags === null || /Boot parameter data:/i.test(text));
      assert.ok(classifyFailure(text).answer.length <= 500);
    }),
  );
});

test('the identify light is read out of the bytes of the chassis status', () => {
  assert.equal(parseIdentifyState(' 21 10 40 54\n'), 'off');
  assert.equal(parseIdentifyState(' 21 10 60 54\n'), 'on');
  assert.equal(parseIdentifyState(' 21 10 00 54\n'), 'unknown');
  assert.equal(parseIdentifyState('Unable to send\n'), 'unknown');
});

test('boot flags are read as the standard lays them out', () => {
  const selectors = { pxe: 1, disk: 2, safe: 3, cdrom: 5, bios: 6 };
  fc.assert(
    fc.property(
      fc.constantFrom(...(Object.keys(selectors) as (keyof typeof selectors)[])),
      fc.boolean(),
      fc.boolean(),
      fc.boolean(),
      fc.nat(3),
      (device, isValid, persistent, isUefi, low) => {
        const first = (isValid ? 0x80 : 0) | (persistent ? 0x40 : 0) | (isUefi ? 0x20 : 0);
        const second = (selectors[device] << 2) | low;
        const hex = Buffer.from([first, second, 0, 0, 0]).toString('hex');
        assert.deepEqual(parseBootFlags(`Boot parameter version: 1\nBoot parameter data: ${hex}\n Boot Flags :\n`), {
          selector: selectors[device],
          isValid,
          persistent,
          mode: isUefi ? 'uefi' : 'bios',
          device,
        });
      },
    ),
  );
});
