// Chassis commands: bytes in both directions, and the same values as ipmitool for the same BMC.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  chassisControl,
  chassisControls,
  chassisIdentify,
  getChassisCapabilities,
  getChassisStatus,
  getPohCounter,
  getSystemRestartCause,
  restartCauses,
  setFrontPanelEnables,
  setPowerCycleInterval,
  setPowerRestorePolicy,
} from '../../src/commands/chassis.ts';
import { decodeChassisStatus, encodeChassisStatus } from '../../src/commands/chassis-status.ts';
import { ProtocolError } from '../../src/errors.ts';
import { fieldsOf } from '../support/peer-text.ts';
import { ipmitoolSays, scriptedConnection, scriptOf } from '../support/scripted-bmc.ts';

/** Defined bits of the four bytes of Get Chassis Status. */
const statusBytes = fc
  .tuple(fc.nat(0x7f), fc.nat(0x1f), fc.nat(0x7f), fc.option(fc.nat(0xff), { nil: undefined }))
  .map(([power, event, state, buttons]) => {
    const identify = (state & 0x40) === 0 ? state & ~0x30 : state;
    return Buffer.from(buttons === undefined ? [power, event, identify] : [power, event, identify, buttons]);
  });

test('the chassis status survives both directions', () => {
  fc.assert(
    fc.property(statusBytes, (bytes) => assert.deepEqual(encodeChassisStatus(decodeChassisStatus(bytes)), bytes)),
  );
});

test('a chassis status that is too short names the missing field', () => {
  assert.throws(
    () => decodeChassisStatus(Uint8Array.of(1, 0)),
    (error: unknown) =>
      error instanceof ProtocolError &&
      error.code === 'truncated' &&
      error.what === 'Get Chassis Status: miscellaneous chassis state' &&
      error.offset === 2,
  );
});

test('the chassis status is what ipmitool prints', async () => {
  const yes = (value: string | undefined) => /^(true|active|allowed)$/.test(value ?? '');
  await fc.assert(
    fc.asyncProperty(statusBytes, async (bytes) => {
      const script = scriptOf({ '00/01': bytes });
      const ours = await getChassisStatus(scriptedConnection(script));
      const theirs = fieldsOf(await ipmitoolSays(script, ['chassis', 'status']));
      assert.deepEqual(
        {
          on: ours.powerOn,
          overload: ours.overload,
          interlock: ours.interlock,
          fault: ours.powerFault,
          controlFault: ours.powerControlFault,
          policy: ours.powerRestorePolicy,
          intrusion: ours.intrusion,
          lockout: ours.frontPanelLockout,
          drive: ours.driveFault,
          cooling: ours.coolingFault,
          powerButtonDisabled: ours.frontPanelButtons?.powerOffDisabled ?? false,
          standbyDisableAllowed: ours.frontPanelButtons?.standbyDisableAllowed ?? false,
        },
        {
          on: theirs.get('System Power') === 'on',
          overload: yes(theirs.get('Power Overload')),
          interlock: yes(theirs.get('Power Interlock')),
          fault: yes(theirs.get('Main Power Fault')),
          controlFault: yes(theirs.get('Power Control Fault')),
          policy: theirs.get('Power Restore Policy')?.replaceAll('-', ' '),
          intrusion: yes(theirs.get('Chassis Intrusion')),
          lockout: yes(theirs.get('Front-Panel Lockout')),
          drive: yes(theirs.get('Drive Fault')),
          cooling: yes(theirs.get('Cooling/Fan Fault')),
          powerButtonDisabled: yes(theirs.get('Power Button Disabled')),
          standbyDisableAllowed: yes(theirs.get('Sleep Button Disable')),
        },
      );
    }),
    { numRuns: 20 },
  );
});

test('controls and settings are sent as the specification numbers them', async () => {
  const connection = scriptedConnection(scriptOf({ '00/02': [], '00/04': [], '00/06': [7], '00/0a': [], '00/0b': [] }));
  for (const control of chassisControls.names) await chassisControl(connection, control);
  await chassisIdentify(connection);
  await chassisIdentify(connection, 30);
  await chassisIdentify(connection, 'on');
  await chassisIdentify(connection, 0);
  await setFrontPanelEnables(connection, { powerOff: true, standby: true });
  await setPowerCycleInterval(connection, 10);
  const supported = await setPowerRestorePolicy(connection, 'always on');
  await setPowerRestorePolicy(connection);
  assert.deepEqual(supported, { 'always off': true, previous: true, 'always on': true });
  assert.deepEqual(connection.asked, [
    ...['000200', '000201', '000202', '000203', '000204', '000205'],
    ...['0004', '00041e', '00040001', '000400'],
    ...['000a09', '000b0a', '000602', '000603'],
  ]);
  await assert.rejects(chassisIdentify(connection, 256), RangeError);
});

test('the controls are those that ipmitool sends', async () => {
  const words = { off: 'power down', on: 'power up', cycle: 'power cycle', reset: 'hard reset', soft: 'soft shutdown' };
  for (const [word, control] of [...Object.entries(words), ['diag', 'pulse diagnostic interrupt'] as const]) {
    const sent: number[] = [];
    const script = scriptOf({
      '00/01': [1, 0, 0],
      '00/02': (data) => {
        sent.push(...data);
        return [];
      },
    });
    await ipmitoolSays(script, ['chassis', 'power', word]);
    assert.deepEqual(sent.map(chassisControls.decode), [control], word);
  }
});

test('the power-on hours are what ipmitool prints', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(1, 5, 60), fc.nat(400_000), async (unit, count) => {
      const answer = Buffer.from([unit, 0, 0, 0, 0]);
      answer.writeUInt32LE(count, 1);
      const script = scriptOf({ '00/0f': answer });
      const { minutes } = await getPohCounter(scriptedConnection(script));
      const theirs = fieldsOf(await ipmitoolSays(script, ['chassis', 'poh'])).get('POH Counter') ?? '';
      const [days = Number.NaN, hours = Number.NaN] = theirs.match(/\d+/g)?.map(Number) ?? [];
      assert.equal(Math.floor(minutes / 60), days * 24 + hours, theirs);
    }),
    { numRuns: 10 },
  );
});

test('each restart cause that ipmitool knows is known', async () => {
  for (let cause = 0; cause < 16; cause += 1) {
    const script = scriptOf({ '00/07': [cause, 1] });
    const ours = await getSystemRestartCause(scriptedConnection(script));
    const theirs = await ipmitoolSays(script, ['chassis', 'restart_cause']);
    assert.equal(ours.channel, 1);
    // ipmitool gives the number of what the specification reserves.
    assert.equal(typeof ours.cause === 'number', /Unknown \(0x/.test(theirs), `${ours.cause}, ${theirs}`);
  }
  assert.equal(restartCauses.encode('soft reset'), 10);
});

test('the capabilities take an absent bridge device for the BMC', async () => {
  const answers = { '00/00': [0x0b, 0x20, 0x22, 0x24, 0x26] };
  assert.deepEqual(await getChassisCapabilities(scriptedConnection(scriptOf(answers))), {
    intrusion: true,
    frontPanelLockout: true,
    diagnosticInterrupt: false,
    powerInterlock: true,
    fruDeviceAddress: 0x20,
    sdrDeviceAddress: 0x22,
    selDeviceAddress: 0x24,
    systemManagementDeviceAddress: 0x26,
    bridgeDeviceAddress: 0x20,
  });
});
