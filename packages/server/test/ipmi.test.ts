// The ipmi driver against a real BMC simulator (OpenIPMI's ipmi_sim), in this process and through ipmitool.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { isRegisteredError } from '@wrought/contract';
import { encodeDeviceId } from '@wrought/ipmi';
import { startBmcSimulator } from '@wrought/lab';
import { createBmcCalls } from '../src/drivers/ipmi/bmc-calls.ts';
import { readConnection } from '../src/drivers/ipmi/connection.ts';
import { openNativeIpmi } from '../src/drivers/ipmi/native/index.ts';
import { intelManagement } from '../src/drivers/ipmi/speed-select.ts';
import { freeUdpPort, startBmc } from './support/ipmi-simulator.ts';
import { ipmiTask, quick, testOnBackends } from './support/ipmi-task.ts';
import { testNode } from './support/task.ts';

testOnBackends('sensors are read from a real BMC, with all that it tells of them', async (t, backend) => {
  const bmc = await startBmc(t, { hasSensor: true });
  const { task, management } = ipmiTask(t, backend, bmc.port);
  const [sensor, ...others] = (await management.getSensorsData?.(task)) ?? [];
  assert.deepEqual(others, []);
  assert.deepEqual(
    [sensor?.type, sensor?.name, sensor?.value, sensor?.unit],
    ['Temperature', 'CPU Temp (0x1)', 42, 'degrees C'],
  );
  assert.equal(sensor?.fields['Entity ID'], '3.1 (Processor)');
  assert.equal(sensor?.fields['Upper critical'], '90.000');
});

test('sensor data records are read again only when the BMC says that they changed', async (t) => {
  let addedAt = 1;
  const simulator = await startBmcSimulator({
    count: 1,
    raw({ netFn, command }, { settings }) {
      if (netFn !== 0x0a || command !== 0x20) {
        return undefined;
      }
      const info = Buffer.alloc(14);
      info[0] = 0x51;
      info.writeUInt16LE(settings.make.records.length, 1);
      info.writeUInt32LE(addedAt, 5);
      return info;
    },
  });
  t.after(() => simulator.close());
  const [bmc] = simulator.bmcs;
  assert.ok(bmc !== undefined);
  const readAt = async (set: readonly string[]) => {
    const { task, management } = ipmiTask(t, 'native', bmc.port, {}, set);
    return async () => {
      const before = simulator.counts.requests;
      const readings = (await management.getSensorsData?.(task)) ?? [];
      return { requests: simulator.counts.requests - before, names: readings.map(({ name }) => name) };
    };
  };
  const read = await readAt(quick);
  const first = await read();
  const second = await read();
  assert.deepEqual(second.names, first.names);
  assert.ok(second.requests < first.requests - bmc.settings.make.records.length, JSON.stringify([first, second]));
  addedAt = 2;
  const changed = await read();
  assert.ok(changed.requests > second.requests);
  assert.equal((await read()).requests, second.requests);
  const without = await readAt([...quick, 'ipmi.sdr_cache_size=0']);
  await without();
  assert.equal((await without()).requests, changed.requests);
});

testOnBackends('a BMC without sensors tells none', async (t, backend) => {
  const bmc = await startBmc(t);
  const { task, management } = ipmiTask(t, backend, bmc.port);
  assert.deepEqual(await management.getSensorsData?.(task), []);
});

testOnBackends('power goes on and off at a real BMC, with the cipher suite that it knows', async (t, backend) => {
  const bmc = await startBmc(t);
  const { task, power } = ipmiTask(t, backend, bmc.port);
  assert.equal(await power.getPowerState(task), 'power off');
  await task.setPower('power on');
  assert.equal(await bmc.power(), 'on');
  assert.equal(task.node.power_state, 'power on');
  await task.setPower('soft power off', 5);
  assert.equal(await bmc.power(), 'off');
});

testOnBackends('the boot device is set and read back; a foreign one is refused by name', async (t, backend) => {
  const bmc = await startBmc(t);
  const { task, management, evidence } = ipmiTask(t, backend, bmc.port);
  await management.setBootDevice(task, 'pxe', false);
  assert.equal((await management.getBootDevice(task)).boot_device, 'pxe');
  await management.setBootDevice(task, 'disk', true);
  assert.equal((await management.getBootDevice(task)).boot_device, 'disk');
  assert.ok((await bmc.calls()).includes('end set boot default'));
  assert.match(evidence.map(({ message }) => message).join('\n'), /Boot device: disk, for every boot/);
  await assert.rejects(management.setBootDevice(task, 'floppy', true), /"floppy".*pxe, disk, cdrom, bios, safe/);
});

testOnBackends(
  'the boot mode is a flag beside the boot device, and is kept for later boot devices',
  async (t, backend) => {
    const bmc = await startBmcOf(t, 32473);
    const { task, management } = ipmiTask(t, backend, bmc.port);
    await management.setBootMode?.(task, 'bios');
    assert.deepEqual(bmc.chassis.bootOptions.wish, { device: 'no override', efi: false, persistent: true });
    assert.equal((await management.getBootDevice(task)).boot_device, null);
    await management.setBootDevice(task, 'pxe', false);
    assert.deepEqual(bmc.chassis.bootOptions.wish, { device: 'PXE', efi: false, persistent: false });
    await management.setBootMode?.(task, 'uefi');
    assert.deepEqual(bmc.chassis.bootOptions.wish, { device: 'PXE', efi: true, persistent: false });
    // A wish that a boot has used up is no longer one.
    bmc.chassis.setPower('on');
    await management.setBootMode?.(task, 'bios');
    assert.deepEqual(bmc.chassis.bootOptions.wish, { device: 'no override', efi: false, persistent: true });
    task.learn({ properties: { capabilities: 'boot_mode:uefi' } });
    await assert.rejects(async () => management.setBootMode?.(task, 'bios'), /boots in mode "uefi".*capabilities/);
  },
);

/** A simulated BMC of this manufacturer. */
async function startBmcOf(t: TestContext, manufacturerId: number) {
  const simulator = await startBmcSimulator({
    count: 1,
    raw: ({ netFn, command }, { settings }) =>
      netFn === 0x06 && command === 0x01 ? encodeDeviceId({ ...settings.make.deviceId, manufacturerId }) : undefined,
  });
  t.after(() => simulator.close());
  const [bmc] = simulator.bmcs;
  assert.ok(bmc !== undefined);
  return bmc;
}

testOnBackends('a Supermicro boots its hard drive by UEFI under the number that it has there', async (t, backend) => {
  for (const [manufacturerId, selector] of [
    [10876, 'primary remote media'],
    [32473, 'hard drive'],
  ] as const) {
    const bmc = await startBmcOf(t, manufacturerId);
    const { task, management } = ipmiTask(t, backend, bmc.port);
    for (const persistent of [true, false]) {
      await management.setBootDevice(task, 'disk', persistent);
      assert.deepEqual(bmc.chassis.bootOptions.wish, { device: selector, efi: true, persistent });
      assert.equal((await management.getBootDevice(task)).boot_device, 'disk');
    }
  }
});

testOnBackends('the maker of the machine is known by the number of its BMC, or not at all', async (t, backend) => {
  for (const [manufacturerId, vendor] of [
    [10876, 'supermicro'],
    [674, 'dell inc'],
    [32473, null],
  ] as const) {
    const bmc = await startBmcOf(t, manufacturerId);
    const { task, management } = ipmiTask(t, backend, bmc.port);
    assert.equal(await management.detectVendor?.(task), vendor);
  }
});

testOnBackends(
  'raw commands that the configuration denies are refused by the rule, and not sent',
  async (t, backend) => {
    const bmc = await startBmc(t);
    const set = [...quick, 'ipmi.raw_deny=["0x00 0x02", "6 71", "0x2e"]'];
    const { task, call, vendor } = ipmiTask(t, backend, bmc.port, {}, set);
    for (const [raw_bytes, rule] of [
      ['0 2 1', '0x00 0x02'],
      ['0x06 0x47 0x5a', '6 71'],
      ['0x2e 0x01', '0x2e'],
    ] as const) {
      await assert.rejects(call('send_raw', { raw_bytes }), (error: Error) => {
        assert.ok(isRegisteredError(error, 'OperationNotPermitted'));
        assert.match(error.message, new RegExp(`begin with "${rule}" are in ipmi\\.raw_deny`));
        assert.doesNotMatch(error.message, /0x5a/);
        return true;
      });
    }
    const [step] = vendor.steps ?? [];
    await assert.rejects(async () => step?.execute(task, { raw_bytes: '0x00 0x02 0x01' }), /ipmi\.raw_deny/);
    assert.equal(await bmc.power(), 'off');
    await call('send_raw', { raw_bytes: '0x06 0x01' });
  },
);

testOnBackends('a wrong password fails at once, with the answer of the BMC and what to do', async (t, backend) => {
  const bmc = await startBmc(t);
  const { task, power, evidence } = ipmiTask(t, backend, bmc.port, { ipmi_password: 'mistaken' }, [
    'ipmi.command_retry_timeout=600',
  ]);
  await assert.rejects(power.getPowerState(task), (error: Error) => {
    assert.match(error.message, /power status/);
    assert.match(error.message, new RegExp(`127\\.0\\.0\\.1:${bmc.port}`));
    assert.match(error.message, backend === 'native' ? /RAKP message 2 is wrong/ : /RAKP 2 HMAC is invalid/);
    assert.match(error.message, /ipmi_password/);
    assert.doesNotMatch(error.message, /mistaken|secret12/);
    return true;
  });
  assert.deepEqual(evidence, []);
});

testOnBackends('an unknown user is told from a wrong password', async (t, backend) => {
  const bmc = await startBmc(t);
  const { task, power } = ipmiTask(t, backend, bmc.port, { ipmi_username: 'nobody' });
  await assert.rejects(power.getPowerState(task), /user "nobody".*(no such user|unauthorized name).*ipmi_username/);
});

testOnBackends('a silent address is tried again until the limit, then named', async (t, backend) => {
  const port = await freeUdpPort();
  const { task, power, evidence } = ipmiTask(t, backend, port, {}, [
    'ipmi.min_command_interval=0',
    'ipmi.command_retry_timeout=4',
  ]);
  // The program is started again and again; the library sends its packets again by itself.
  const tried = backend === 'native' ? 'nothing, to \\d+ packets in \\d+ s' : 'in \\d+ tries';
  await assert.rejects(
    power.getPowerState(task),
    new RegExp(`127\\.0\\.0\\.1:${port}.*${tried}.*Nothing answered.*ipmi_address`),
  );
  assert.deepEqual(
    evidence.map(({ message }) => /trying again/.test(message)),
    backend === 'native' ? [] : [true],
  );
});

testOnBackends('raw bytes go to the BMC, and neither they nor its answer to them are told', async (t, backend) => {
  const bmc = await startBmc(t);
  const { call, evidence } = ipmiTask(t, backend, bmc.port);
  await call('send_raw', { raw_bytes: '0x06 0x01' });
  // Chassis control, power up: the chassis shows that the bytes arrived as they were.
  await call('send_raw', { raw_bytes: ' 0x00  2 1 ' });
  assert.equal(await bmc.power(), 'on');
  assert.deepEqual(
    evidence.map(({ message }) => message),
    ['The BMC took a raw command of 2 bytes.', 'The BMC took a raw command of 3 bytes.'],
  );
  await assert.rejects(call('send_raw', { raw_bytes: '0x06 0x77 0x5a' }), (error: Error) => {
    assert.match(error.message, /"raw \(3 bytes\)" was sent to the BMC.*invalid command.*refused the command/i);
    assert.doesNotMatch(error.message, /77|5a/i);
    return true;
  });
});

testOnBackends('the identify light of a machine is its one indicator', async (t, backend) => {
  const bmc = await startBmc(t);
  const { task, management } = ipmiTask(t, backend, bmc.port);
  const { indicators } = management;
  assert.deepEqual(await indicators?.list(task), [
    { name: 'identify', component: 'chassis', readonly: false, states: ['off', 'on'] },
  ]);
  await indicators?.set(task, 'chassis', 'identify', 'on');
  // This BMC takes the command and does not tell what became of it.
  assert.equal(await indicators?.get(task, 'chassis', 'identify'), 'unknown');
  await assert.rejects(
    async () => indicators?.set(task, 'system', 'fan', 'on'),
    /"fan@system".*IPMI BMC has: identify@chassis/,
  );
});

testOnBackends('a BMC that knows no reset says so', async (t, backend) => {
  const bmc = await startBmc(t);
  const { call, evidence } = ipmiTask(t, backend, bmc.port);
  await assert.rejects(call('bmc_reset', {}), /"bmc reset warm" was sent.*invalid command/i);
  // ipmitool waits for no answer to a cold reset.
  const cold = call('bmc_reset', { warm: 'false' });
  await (backend === 'native' ? assert.rejects(cold, /"bmc reset cold" was sent.*invalid command/i) : cold);
  assert.deepEqual(
    evidence.map(({ message }) => message),
    backend === 'native' ? [] : ['The BMC accepted a cold reset.'],
  );
});

testOnBackends('arguments of vendor methods are refused with what is allowed, and not repeated', async (t, backend) => {
  const { call } = ipmiTask(t, backend, 623);
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
  const lacking = ipmiTask(t, backend, 623, { ipmi_address: '' });
  await assert.rejects(lacking.call('send_raw', { raw_bytes: '0x06 0x01' }), /ipmi_address/);
  await assert.rejects(lacking.vendor.validate(lacking.task), /ipmi_address/);
});

testOnBackends('raw bytes are a clean, a deploy and a service step, which is never repeated', async (t, backend) => {
  const bmc = await startBmc(t);
  const { task, vendor } = ipmiTask(t, backend, bmc.port);
  for (const kind of ['clean', 'deploy', 'service'] as const) {
    const [step, ...others] = (vendor.steps ?? []).filter(({ kinds }) => kinds.includes(kind));
    assert.deepEqual([step?.step, step?.priority, step?.recovery, others], ['send_raw', 0, 'never', []]);
    assert.equal((await step?.execute(task, { raw_bytes: '0x06 0x01' }))?.kind, 'done');
    await assert.rejects(async () => step?.execute(task, {}), /"raw_bytes" is missing/);
  }
});

testOnBackends('commands to one BMC go one after another', async (t, backend) => {
  const bmc = await startBmc(t);
  const { task, power } = ipmiTask(t, backend, bmc.port);
  await Promise.all(Array.from({ length: 6 }, () => power.getPowerState(task)));
  const words = (await bmc.calls()).map((line) => line.split(' ')[0]);
  assert.deepEqual(words, Array.from({ length: 6 }, () => ['begin', 'end']).flat());
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

test('a Speed Select profile is set for each processor, and only where one is asked for', async (t) => {
  const asked: string[] = [];
  const bmcs = await startBmcSimulator({
    count: 1,
    raw: ({ netFn, command, data }) => {
      if (netFn !== 0x2c || command !== 0x41) return undefined;
      asked.push(data.toString('hex'));
      return Buffer.alloc(0);
    },
  });
  t.after(() => bmcs.close());
  const { task } = ipmiTask(t, 'native', bmcs.bmcs[0]?.port ?? 0);
  const native = openNativeIpmi(createBmcCalls());
  t.after(() => native.sessions.close());
  const [step] = intelManagement(native.backend).steps ?? [];
  assert.deepEqual([step?.step, step?.kinds, step?.priority], ['configure_intel_speedselect', ['deploy'], 200]);
  assert.equal((await step?.execute(task, {}))?.kind, 'done');
  assert.deepEqual(asked, []);
  await step?.execute(task, { intel_speedselect_config: '0x02', socket_count: 2 });
  assert.deepEqual(asked, ['04000002', '04000102']);
  for (const [args, expected] of [
    [{ intel_speedselect_config: '0x07' }, /intel_speedselect_config is "0x07"; allowed: 0x00, 0x01, 0x02/],
    [{ intel_speedselect_config: '0x00', socket_count: 0 }, /socket_count is 0; allowed: a whole number from 1/],
  ] as const) {
    await assert.rejects(async () => step?.execute(task, args), expected);
  }
});
