// Boot options: parameter 5 whole, the order in which a wish is set, and the same reading as ipmitool.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bootDevices, bootFlags, noBootFlags } from '../../src/commands/boot-flags.ts';
import { bootOptions, getSystemBootOption, requestBoot, setSystemBootOption } from '../../src/commands/boot-options.ts';
import { CompletionCodeError } from '../../src/errors.ts';
import { ipmitoolSays, type ScriptedAnswer, scriptedConnection, scriptOf } from '../support/scripted-bmc.ts';

/** Defined bits of the five bytes of parameter 5. */
const flagBytes = fc
  .tuple(fc.nat(7), fc.nat(0xff), fc.nat(0xff), fc.nat(0x0f), fc.nat(0x1f))
  .map(([first, ...others]) => Buffer.from([first << 5, ...others]));

test('boot flags survive both directions', () => {
  fc.assert(
    fc.property(flagBytes, (bytes) => assert.deepEqual(Buffer.from(bootFlags.encode(bootFlags.decode(bytes))), bytes)),
  );
});

test('boot flags of old BMCs lack the fifth byte', () => {
  assert.deepEqual(bootFlags.decode(Uint8Array.of(0x80, 0x04, 0, 0)), { ...noBootFlags, valid: true, device: 'PXE' });
});

test('boot flags are what ipmitool prints', async () => {
  await fc.assert(
    fc.asyncProperty(flagBytes, async (bytes) => {
      const script = scriptOf({ '00/09': (data) => [1, data[0] ?? 0, ...bytes] });
      const { value: ours, locked } = await getSystemBootOption(scriptedConnection(script), bootFlags);
      const theirs = await ipmitoolSays(script, ['chassis', 'bootparam', 'get', '5']);
      const says = (text: RegExp) => text.test(theirs);
      assert.equal(locked, false);
      assert.deepEqual(
        {
          valid: ours.valid,
          persistent: ours.persistent,
          efi: ours.efi,
          clearCmos: ours.clearCmos,
          lockKeyboard: ours.lockKeyboard,
          blankScreen: ours.blankScreen,
          lockResetButton: ours.lockResetButton,
          lockPowerButton: ours.lockPowerButton,
          quiet: ours.verbosity === 'quiet',
          verbose: ours.verbosity === 'verbose',
          traps: ours.forceProgressEventTraps,
          bypass: ours.bypassUserPassword,
          lockSleepButton: ours.lockSleepButton,
          redirectionEnabled: ours.consoleRedirection === 'enabled',
          redirectionSuppressed: ours.consoleRedirection === 'suppressed',
          sharedMode: ours.biosSharedModeOverride,
          muxToBmc: ours.muxControl === 'force to BMC',
          muxToSystem: ours.muxControl === 'force to system',
        },
        {
          valid: says(/Boot Flag Valid/),
          persistent: says(/all future boots/),
          efi: says(/BIOS EFI boot/),
          clearCmos: says(/CMOS Clear/),
          lockKeyboard: says(/Lock Keyboard/),
          blankScreen: says(/Screen blank/),
          lockResetButton: says(/Lock out Reset buttons/),
          lockPowerButton: says(/via Power Button/),
          quiet: says(/Request Quiet/),
          verbose: says(/Request Verbose/),
          traps: says(/Force progress event traps/),
          bypass: says(/User password bypass/),
          lockSleepButton: says(/Lock Out Sleep Button/),
          redirectionEnabled: says(/redirection be enabled/),
          redirectionSuppressed: says(/Suppress \(skip\)/),
          sharedMode: says(/Shared Mode Override/),
          muxToBmc: says(/mux to BMC/),
          muxToSystem: says(/mux to system/),
        },
        theirs,
      );
    }),
    { numRuns: 25 },
  );
});

/** How ipmitool names the devices. */
const deviceWords: Readonly<Record<string, string>> = {
  'no override': 'No override',
  PXE: 'Force PXE',
  'hard drive': 'Force Boot from default Hard-Drive',
  'hard drive, safe mode': 'Force Boot from default Hard-Drive, request Safe-Mode',
  'diagnostic partition': 'Force Boot from Diagnostic Partition',
  'CD/DVD': 'Force Boot from CD/DVD',
  'BIOS setup': 'Force Boot into BIOS Setup',
  'remote floppy': 'Force Boot from remotely connected Floppy/primary removable media',
  'remote CD/DVD': 'Force Boot from remotely connected CD/DVD',
  'primary remote media': 'Force Boot from primary remote media',
  'remote hard drive': 'Force Boot from remotely connected Hard-Drive',
  'floppy or primary removable media': 'Force Boot from Floppy/primary removable media',
};

test('boot devices are what ipmitool prints, and reserved ones stay numbers', async () => {
  for (let number = 0; number < 16; number += 1) {
    const script = scriptOf({ '00/09': (data) => [1, data[0] ?? 0, 0x80, number << 2, 0, 0, 0] });
    const { value } = await getSystemBootOption(scriptedConnection(script), bootFlags);
    const theirs = await ipmitoolSays(script, ['chassis', 'bootparam', 'get', '5']);
    const word = /Boot Device Selector : (.*)/.exec(theirs)?.[1];
    assert.equal(word, typeof value.device === 'number' ? 'Flag error' : deviceWords[value.device]);
  }
  assert.equal(bootDevices.names.length, Object.keys(deviceWords).length);
});

/** A BMC that keeps what it is told, and refuses some parameters. */
function keepingBmc(refused: Readonly<Record<number, number>> = {}) {
  const told: string[] = [];
  const script = scriptOf({
    '00/08': (data): ScriptedAnswer => {
      told.push(data.toString('hex'));
      return refused[data[0] ?? 0] ?? [];
    },
  });
  return { told, script };
}

test('a wish is set in the order and with the bytes of ipmitool', async () => {
  const theirs = keepingBmc();
  await ipmitoolSays(theirs.script, ['chassis', 'bootdev', 'pxe', 'options=persistent,efiboot']);
  const ours = keepingBmc();
  await requestBoot(scriptedConnection(ours.script), { device: 'PXE', persistent: true, efi: true });
  assert.deepEqual(ours.told, ['0001', '040101', '05e004000000', '0002', '0000']);
  assert.deepEqual(ours.told, theirs.told);
});

test('the sixty seconds are lifted before the flags are set', async () => {
  const bmc = keepingBmc();
  await requestBoot(scriptedConnection(bmc.script), { device: 'CD/DVD' }, { keepValid: { sixtySeconds: true } });
  assert.deepEqual(bmc.told, ['0001', '0308', '040101', '058014000000', '0002', '0000']);
});

test('BMCs without set in progress and acknowledgement take the flags all the same', async () => {
  const bmc = keepingBmc({ 0: 0x80, 4: 0x80 });
  await requestBoot(scriptedConnection(bmc.script), { device: 'hard drive' });
  assert.deepEqual(bmc.told, ['0001', '040101', '058008000000']);
});

test('a set in progress that another client left behind keeps nobody from the boot flags', async () => {
  const bmc = keepingBmc({ 0: 0x81 });
  await requestBoot(scriptedConnection(bmc.script), { device: 'PXE' });
  assert.deepEqual(bmc.told, ['0001', '040101', '058004000000']);
});

test('a BMC that answers 0x81 to everything but set complete, and lacks parameter 3, takes the wish', async () => {
  const told: string[] = [];
  let inProgress = false;
  const script = scriptOf({
    '00/08': (data): ScriptedAnswer => {
      told.push(data.toString('hex'));
      const [parameter, state] = data;
      if (parameter === 3) return 0x80;
      if (parameter === 0 && inProgress && state !== 0) return 0x81;
      if (parameter === 0) inProgress = state === 1;
      return [];
    },
  });
  await requestBoot(scriptedConnection(script), { device: 'PXE' }, { keepValid: { sixtySeconds: true } });
  assert.deepEqual(told, ['0001', '0308', '040101', '058004000000', '0002', '0000']);
  assert.equal(inProgress, false);
});

test('boot flags that the BMC refuses are an error, and the set in progress is ended', async () => {
  const bmc = keepingBmc({ 5: 0xcc });
  await assert.rejects(
    requestBoot(scriptedConnection(bmc.script), { device: 'PXE' }),
    (error: unknown) => error instanceof CompletionCodeError && error.code === 0xcc,
  );
  assert.equal(bmc.told.at(-1), '0000');
});

test('the other parameters survive both directions', async () => {
  const kept = new Map<number, Buffer>();
  const connection = scriptedConnection(
    scriptOf({
      '00/08': (data) => {
        kept.set((data[0] ?? 0) & 0x7f, data);
        return [];
      },
      '00/09': (data) => [1, ...(kept.get(data[0] ?? 0) ?? [])],
    }),
  );
  const written = [
    [bootOptions.servicePartitionSelector, 2],
    [bootOptions.servicePartitionScan, { discovered: false, scanRequested: true }],
    [bootOptions.bootInitiatorInfo, { channel: 1, sessionId: 0x01020304, timestamp: 1_700_000_000 }],
    [bootOptions.bootInitiatorMailbox, { set: 1, block: Buffer.from('0123456789abcdef') }],
  ] as const;
  for (const [option, value] of written) {
    // Each pair fits, but the union of the pairs does not know it.
    const pair = option as typeof bootOptions.servicePartitionSelector;
    await setSystemBootOption(connection, pair, value as number, { lock: true });
    assert.deepEqual(await getSystemBootOption(connection, pair), { value, locked: true });
  }
});
