// Boot flags, parameter 5 of the system boot options (IPMI 2.0, table 28-14), in both directions.
import { type Choice, choices, flags } from './bit-fields.ts';
import { type Parameter, parameter } from './parameter.ts';

export const bootDevices = choices({
  0: 'no override',
  1: 'PXE',
  2: 'hard drive',
  3: 'hard drive, safe mode',
  4: 'diagnostic partition',
  5: 'CD/DVD',
  6: 'BIOS setup',
  7: 'remote floppy',
  8: 'remote CD/DVD',
  9: 'primary remote media',
  11: 'remote hard drive',
  15: 'floppy or primary removable media',
});
export type BootDevice = (typeof bootDevices.names)[number];

const verbosities = choices({ 0: 'default', 1: 'quiet', 2: 'verbose' });
const consoleRedirections = choices({ 0: 'BIOS setup', 1: 'suppressed', 2: 'enabled' });
const muxControls = choices({ 0: 'BIOS setup', 1: 'force to BMC', 2: 'force to system' });

const firstByte = flags({ efi: 5, persistent: 6, valid: 7 });
const secondByte = flags({ lockResetButton: 0, blankScreen: 1, lockKeyboard: 6, clearCmos: 7 });
const thirdByte = flags({ lockSleepButton: 2, bypassUserPassword: 3, forceProgressEventTraps: 4, lockPowerButton: 7 });
const fourthByte = flags({ biosSharedModeOverride: 3 });

type Named<F extends { decode(value: number): unknown }> = Readonly<ReturnType<F['decode']>>;

/** What firmware is asked to do at the next boot. */
export interface BootFlags
  extends Named<typeof firstByte>,
    Named<typeof secondByte>,
    Named<typeof thirdByte>,
    Named<typeof fourthByte> {
  readonly device: Choice<BootDevice>;
  readonly verbosity: Choice<(typeof verbosities.names)[number]>;
  readonly consoleRedirection: Choice<(typeof consoleRedirections.names)[number]>;
  readonly muxControl: Choice<(typeof muxControls.names)[number]>;
  /** Which of several devices of the kind: 0 is any, 1 to 15 are outside of the machine, 17 to 31 inside. */
  readonly deviceInstance: number;
}

/** No wish at all: `valid` is clear, so that firmware ignores the rest. */
export const noBootFlags: BootFlags = {
  valid: false,
  persistent: false,
  efi: false,
  clearCmos: false,
  lockKeyboard: false,
  device: 'no override',
  blankScreen: false,
  lockResetButton: false,
  lockPowerButton: false,
  verbosity: 'default',
  forceProgressEventTraps: false,
  bypassUserPassword: false,
  lockSleepButton: false,
  consoleRedirection: 'BIOS setup',
  biosSharedModeOverride: false,
  muxControl: 'BIOS setup',
  deviceInstance: 0,
};

export const bootFlags: Parameter<BootFlags> = parameter(
  5,
  'boot flags',
  (reader) => {
    const first = reader.u8('data 1');
    const second = reader.u8('data 2');
    const third = reader.u8('data 3');
    const fourth = reader.u8('data 4');
    // IPMI 1.5 has no device instance in the fifth byte, and old BMCs leave it out.
    const fifth = reader.optionalU8() ?? 0;
    return {
      ...firstByte.decode(first),
      ...secondByte.decode(second),
      ...thirdByte.decode(third),
      ...fourthByte.decode(fourth),
      device: bootDevices.decode((second >> 2) & 0x0f),
      verbosity: verbosities.decode((third >> 5) & 3),
      consoleRedirection: consoleRedirections.decode(third & 3),
      muxControl: muxControls.decode(fourth & 7),
      deviceInstance: fifth & 0x1f,
    };
  },
  (value) => [
    firstByte.encode(value),
    secondByte.encode(value) | (bootDevices.encode(value.device) << 2),
    thirdByte.encode(value) |
      (verbosities.encode(value.verbosity) << 5) |
      consoleRedirections.encode(value.consoleRedirection),
    fourthByte.encode(value) | muxControls.encode(value.muxControl),
    value.deviceInstance,
  ],
);
