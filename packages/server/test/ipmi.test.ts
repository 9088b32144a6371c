// The ipmi driver against a real BMC simulator (OpenIPMI's ipmi_sim), and its parsers against anything.
import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { ipmitoolArguments, kgKeyText } from '../src/drivers/ipmi/arguments.ts';
import { createCommandSender } from '../src/drivers/ipmi/command.ts';
import { readConnection } from '../src/drivers/ipmi/connection.ts';
import { classifyFailure } from '../src/drivers/ipmi/failure.ts';
import { ipmitoolManagement } from '../src/drivers/ipmi/management.ts';
import { parseBootFlags, parsePowerStatus } from '../src/drivers/ipmi/parse.ts';
import { ipmitoolPower } from '../src/drivers/ipmi/power.ts';
import { parseSensors } from '../src/drivers/ipmi/sensors.ts';
import { ipmitoolVendor } from '../src/drivers/ipmi/vendor.ts';
import type { Task, VendorInterface } from '../src/drivers/kit/index.ts';
import { freeUdpPort, startBmc } from './support/ipmi-simulator.ts';
import { testNode, testTask } from './support/task.ts';

const quick = ['ipmi.min_command_interval=0', 'ipmi.command_retry_timeout=1'];

/** Calls vendor methods and runs steps as the server does: validated first. */
function vendorCalls(task: Task, vendor: VendorInterface) {
  return {
    async call(name: string, body: Record<string, unknown>) {
      const method = vendor.nodeMethods.find((each) => each.name === name);
      assert.ok(method !== undefined);
      const request = { httpMethod: 'POST', body } as const;
      await method.validate?.(task, request);
      await method.run(task, request);
    },
  };
}

function ipmi(port: number, info: Record<string, unknown> = {}, set: readonly string[] = quick) {
  const sender = createCommandSender();
  const power = ipmitoolPower(sender);
  const management = ipmitoolManagement(sender);
  const vendor = ipmitoolVendor(sender);
  const driver_info = {
    ipmi_address: '127.0.0.1',
    ipmi_port: port,
    ipmi_username: 'admin',
    ipmi_password: 'secret12',
    ...info,
  };
  const tasked = testTask({ node: { driver_info }, interfaces: [power, management, vendor], set });
  return { ...tasked, power, management, vendor, ...vendorCalls(tasked.task, vendor) };
}

test('sensors are read from a real BMC, with all that it tells of them', async (t) => {
  const bmc = await startBmc(t, { hasSensor: true });
  const { task, management } = ipmi(bmc.port);
  const [sensor, ...others] = (await management.getSensorsData?.(task)) ?? [];
  assert.deepEqual(others, []);
  assert.deepEqual(
    [sensor?.type, sensor?.name, sensor?.value, sensor?.unit],
    ['Temperature', 'CPU Temp (0x1)', 42, 'degrees C'],
  );
  assert.equal(sensor?.fields['Entity ID'], '3.1 (Processor)');
  assert.equal(sensor?.fields['Upper critical'], '90.000');
});

test('a BMC without sensors tells none', async (t) => {
  const bmc = await startBmc(t);
  const { task, management } = ipmi(bmc.port);
  assert.deepEqual(await management.getSensorsData?.(task), []);
});

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

test('power goes on and off at a real BMC, with the cipher suite that it knows', async (t) => {
  const bmc = await startBmc(t);
  const { task, power } = ipmi(bmc.port);
  assert.equal(await power.getPowerState(task), 'power off');
  await task.setPower('power on');
  assert.equal(await bmc.power(), 'on');
  assert.equal(task.node.power_state, 'power on');
  await task.setPower('soft power off', 5);
  assert.equal(await bmc.power(), 'off');
});

test('the boot device is set and read back; a foreign one is refused by name', async (t) => {
  const bmc = await startBmc(t);
  const { task, management, evidence } = ipmi(bmc.port);
  await management.setBootDevice(task, 'pxe', false);
  assert.equal((await management.getBootDevice(task)).boot_device, 'pxe');
  await management.setBootDevice(task, 'disk', true);
  assert.equal((await management.getBootDevice(task)).boot_device, 'disk');
  assert.ok((await bmc.calls()).includes('end set boot default'));
  assert.match(evidence.map(({ message }) => message).join('\n'), /Boot device: disk, for every boot/);
  await assert.rejects(management.setBootDevice(task, 'floppy', true), /"floppy".*pxe, disk, cdrom, bios, safe/);
});

test('a wrong password fails at once, with the answer of the BMC and what to do', async (t) => {
  const bmc = await startBmc(t);
  const { task, power, evidence } = ipmi(bmc.port, { ipmi_password: 'wrong' }, ['ipmi.command_retry_timeout=600']);
  await assert.rejects(power.getPowerState(task), (error: Error) => {
    assert.match(error.message, /power status/);
    assert.match(error.message, new RegExp(`127\\.0\\.0\\.1:${bmc.port}`));
    assert.match(error.message, /RAKP 2 HMAC is invalid/);
    assert.match(error.message, /ipmi_password/);
    assert.doesNotMatch(error.message, /wrong|secret12/);
    return true;
  });
  assert.deepEqual(evidence, []);
});

test('an unknown user is told from a wrong password', async (t) => {
  const bmc = await startBmc(t);
  const { task, power } = ipmi(bmc.port, { ipmi_username: 'nobody' });
  await assert.rejects(power.getPowerState(task), /user "nobody".*unauthorized name.*ipmi_username/);
});

test('a silent address is tried again until the limit, then named', async () => {
  const port = await freeUdpPort();
  const { task, power, evidence } = ipmi(port, {}, ['ipmi.min_command_interval=0', 'ipmi.command_retry_timeout=4']);
  await assert.rejects(power.getPowerState(task), (error: Error) => {
    assert.match(error.message, new RegExp(`127\\.0\\.0\\.1:${port}.*in \\d+ tries.*Nothing answered.*ipmi_address`));
    return true;
  });
  assert.equal(evidence.length, 1);
  assert.match(evidence[0]?.message ?? '', /trying again/);
});

test('raw bytes go to the BMC, and neither they nor its answer to them are told', async (t) => {
  const bmc = await startBmc(t);
  const { call, evidence } = ipmi(bmc.port);
  await call('send_raw', { raw_bytes: '0x06 0x01' });
  // Chassis control, power up: the chassis shows that the bytes arrived as they were.
  await call('send_raw', { raw_bytes: ' 0x00  2 1 ' });
  assert.equal(await bmc.power(), 'on');
  assert.deepEqual(
    evidence.map(({ message }) => message),
    ['The BMC took a raw command of 2 bytes.', 'The BMC took a raw command of 3 bytes.'],
  );
  await assert.rejects(call('send_raw', { raw_bytes: '0x06 0x77 0x5a' }), (error: Error) => {
    assert.match(error.message, /"raw \(3 bytes\)" was sent to the BMC.*Invalid command.*refused the command/);
    assert.doesNotMatch(error.message, /77|5a/i);
    return true;
  });
});

test('a BMC is reset cold; one that knows no warm reset says so', async (t) => {
  const bmc = await startBmc(t);
  const { call, evidence } = ipmi(bmc.port);
  await assert.rejects(call('bmc_reset', {}), /"bmc reset warm" was sent.*MC reset command failed: Invalid command/);
  await call('bmc_reset', { warm: 'false' });
  assert.deepEqual(
    evidence.map(({ message }) => message),
    ['The BMC accepted a cold reset.'],
  );
});

test('arguments of vendor methods are refused with what is allowed, and not repeated', async () => {
  const { call } = ipmi(623);
  for (const [method, body, expected] of [
    ['send_raw', {}, /"raw_bytes" is missing.*"0x06 0x01"/],
    ['send_raw', { raw_bytes: '' }, /"raw_bytes" is missing/],
    ['send_raw', { raw_bytes: '0x06' }, /"raw_bytes" is too short/],
    ['send_raw', { raw_bytes: '0x06 0x100' }, /Number 2 in the argument "raw_bytes".*0x00 to 0xff/],
    ['send_raw', { raw_bytes: '0x06 256' }, /Number 2/],
    ['send_raw', { raw_bytes: '-v 0x01' }, /Number 1/],
    ['send_raw', { raw_bytes: [6, 1] }, /"raw_bytes" is too short/],
    ['send_raw', { raw_bytes: '0x06 0x01', 'my-secret': 1 }, /takes the argument "raw_bytes" alone/],
    ['bmc_reset', { warm: 'perhaps' }, /"warm" is neither true nor false/],
    ['bmc_reset', { hot: true }, /takes the argument "warm" alone/],
  ] as const) {
    await assert.rejects(call(method, body), (error: Error) => {
      assert.match(error.message, expected);
      assert.doesNotMatch(error.message, /0x100|256|-v|perhaps|my-secret/);
      return true;
    });
  }
  const lacking = ipmi(623, { ipmi_address: '' });
  await assert.rejects(lacking.call('send_raw', { raw_bytes: '0x06 0x01' }), /ipmi_address/);
  await assert.rejects(lacking.vendor.validate(lacking.task), /ipmi_address/);
});

test('raw bytes are a clean, a deploy and a service step, which is never repeated', async (t) => {
  const bmc = await startBmc(t);
  const { task, vendor } = ipmi(bmc.port);
  for (const kind of ['clean', 'deploy', 'service'] as const) {
    const [step, ...others] = (vendor.steps ?? []).filter(({ kinds }) => kinds.includes(kind));
    assert.deepEqual([step?.step, step?.priority, step?.recovery, others], ['send_raw', 0, 'never', []]);
    assert.equal((await step?.execute(task, { raw_bytes: '0x06 0x01' }))?.kind, 'done');
    await assert.rejects(async () => step?.execute(task, {}), /"raw_bytes" is missing/);
  }
});

test('commands to one BMC go one after another', async (t) => {
  const bmc = await startBmc(t);
  const { task, power } = ipmi(bmc.port);
  await Promise.all(Array.from({ length: 6 }, () => power.getPowerState(task)));
  const words = (await bmc.calls()).map((line) => line.split(' ')[0]);
  assert.deepEqual(words, Array.from({ length: 6 }, () => ['begin', 'end']).flat());
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
while [ $# -gt 0 ]; do [ "$1" = -f ] && { stat -c '%a' "$2"; cat "$2"; }; shift; done
echo; echo "env=$IPMI_PASSWORD"; echo "Chassis Power is on"`,
  );
  for (const [inEnvironment, expected] of [
    [false, /600\nsecret12\nenv=\n/],
    [true, /\nenv=secret12\n/],
  ] as const) {
    const sender = createCommandSender();
    const { task } = ipmi(623, {}, [`ipmi.program=${program}`, `ipmi.store_cred_in_env=${inEnvironment}`]);
    assert.match(await sender.send(task, 'chassis', 'power', 'status'), expected);
  }
});

test('a hanging ipmitool is ended, and a missing one is named', async (t) => {
  const program = await script(t, 'exec sleep 600');
  const hanging = ipmi(623, {}, [...quick, `ipmi.program=${program}`]);
  await assert.rejects(hanging.power.getPowerState(hanging.task), /ipmitool was ended after 5 s/);
  const missing = ipmi(623, {}, ['ipmi.program=/nonexistent/ipmitool']);
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
  const busy = ipmi(623, {}, ['ipmi.min_command_interval=0', `ipmi.program=${busyOnce}`]);
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
  const late = ipmi(623, {}, ['ipmi.min_command_interval=0', `ipmi.program=${lateOnce}`]);
  assert.equal(await late.power.getPowerState(late.task), 'power on');
  const refusing = await script(
    t,
    `echo "$*" >> ${folder}/refused; echo "Set Chassis Boot Parameter failed: Parameter out of range" >&2; exit 1`,
  );
  const refused = ipmi(623, {}, [`ipmi.program=${refusing}`]);
  await assert.rejects(
    refused.management.setBootDevice(refused.task, 'pxe', false),
    /"chassis bootdev pxe.*Parameter out of range.*refused the command/,
  );
});

test('bad keys are refused with key, value and what is allowed', () => {
  const cases: [Record<string, unknown>, RegExp][] = [
    [{}, /lacks driver_info\/ipmi_address/],
    [{ ipmi_address: '-oProxy' }, /ipmi_address.*"-oProxy".*allowed/],
    [{ ipmi_port: 'x' }, /ipmi_port.*"x".*1 to 65535/],
    [{ ipmi_port: 70000 }, /ipmi_port.*70000.*1 to 65535/],
    [{ ipmi_priv_level: 'ROOT' }, /ipmi_priv_level.*"ROOT".*ADMINISTRATOR/],
    [{ ipmi_protocol_version: '3.0' }, /ipmi_protocol_version.*"3.0".*2.0, 1.5/],
    [{ ipmi_cipher_suite: 1 }, /ipmi_cipher_suite.*1; allowed: 3, 17/],
    [{ ipmi_cipher_suite: 3, ipmi_protocol_version: '1.5' }, /ipmi_cipher_suite.*ipmi_protocol_version/],
    [{ ipmi_bridging: 'triple' }, /ipmi_bridging.*"triple".*no, single, dual/],
    [{ ipmi_bridging: 'single' }, /lacks driver_info\/ipmi_target_channel/],
    [
      { ipmi_bridging: 'dual', ipmi_target_channel: 1, ipmi_target_address: '0x20' },
      /lacks driver_info\/ipmi_transit_channel/,
    ],
    [{ ipmi_hex_kg_key: 'abc' }, /ipmi_hex_kg_key.*even number/],
    [{ ipmi_disable_boot_timeout: 'perhaps' }, /ipmi_disable_boot_timeout.*"perhaps".*true or false/],
  ];
  for (const [info, expected] of cases) {
    const ipmi_address = Object.keys(info).length === 0 ? {} : { ipmi_address: '10.0.0.1' };
    assert.throws(() => readConnection(testNode({ driver_info: { ...ipmi_address, ...info } })), expected);
  }
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
          isValid,
          persistent,
          mode: isUefi ? 'uefi' : 'bios',
          device,
        });
      },
    ),
  );
});
