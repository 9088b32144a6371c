// The answer of Get Chassis Status (IPMI 2.0, 28.2) in both directions.
import { type Choice, choices, flags } from './bit-fields.ts';
import { FieldReader } from './field-reader.ts';

/** What the chassis does when its supply comes back. */
export const powerRestorePolicies = choices({ 0: 'always off', 1: 'previous', 2: 'always on', 3: 'unknown' });
export type PowerRestorePolicy = (typeof powerRestorePolicies.names)[number];

const identifyStates = choices({ 0: 'off', 1: 'temporary on', 2: 'indefinite on' });

const powerFlags = flags({ powerOn: 0, overload: 1, interlock: 2, powerFault: 3, powerControlFault: 4 });
const lastPowerEventFlags = flags({ acFailed: 0, overload: 1, interlock: 2, powerFault: 3, byIpmiCommand: 4 });
const miscellaneousFlags = flags({ intrusion: 0, frontPanelLockout: 1, driveFault: 2, coolingFault: 3 });
const buttonFlags = flags({
  powerOffDisabled: 0,
  resetDisabled: 1,
  diagnosticInterruptDisabled: 2,
  standbyDisabled: 3,
  powerOffDisableAllowed: 4,
  resetDisableAllowed: 5,
  diagnosticInterruptDisableAllowed: 6,
  standbyDisableAllowed: 7,
});

type Named<F extends { decode(value: number): unknown }> = Readonly<ReturnType<F['decode']>>;

export interface ChassisStatus extends Named<typeof powerFlags>, Named<typeof miscellaneousFlags> {
  readonly powerRestorePolicy: Choice<PowerRestorePolicy>;
  /** Why the power went the last time; all clear when the BMC does not say. */
  readonly lastPowerEvent: Named<typeof lastPowerEventFlags>;
  /** The state of the identify LED; undefined when the BMC does not tell. */
  readonly identify: Choice<'off' | 'temporary on' | 'indefinite on'> | undefined;
  /** Buttons of the front panel; undefined when the BMC does not tell. */
  readonly frontPanelButtons: Named<typeof buttonFlags> | undefined;
}

const identifySupported = 0x40;

export function decodeChassisStatus(data: Uint8Array): ChassisStatus {
  const reader = new FieldReader(data, 'Get Chassis Status');
  const power = reader.u8('current power state');
  const event = reader.u8('last power event');
  const miscellaneous = reader.u8('miscellaneous chassis state');
  const buttons = reader.optionalU8();
  return {
    ...powerFlags.decode(power),
    ...miscellaneousFlags.decode(miscellaneous),
    powerRestorePolicy: powerRestorePolicies.decode((power >> 5) & 3),
    lastPowerEvent: lastPowerEventFlags.decode(event),
    identify: (miscellaneous & identifySupported) === 0 ? undefined : identifyStates.decode((miscellaneous >> 4) & 3),
    frontPanelButtons: buttons === undefined ? undefined : buttonFlags.decode(buttons),
  };
}

export function encodeChassisStatus(status: ChassisStatus): Buffer {
  const identify =
    status.identify === undefined ? 0 : identifySupported | (identifyStates.encode(status.identify) << 4);
  const bytes = [
    powerFlags.encode(status) | (powerRestorePolicies.encode(status.powerRestorePolicy) << 5),
    lastPowerEventFlags.encode(status.lastPowerEvent),
    miscellaneousFlags.encode(status) | identify,
  ];
  if (status.frontPanelButtons !== undefined) bytes.push(buttonFlags.encode(status.frontPanelButtons));
  return Buffer.from(bytes);
}
