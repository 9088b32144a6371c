// The names of commands as data (IPMI 2.0, appendix G), so that errors speak of Chassis Control and not of 0x02.

const names: Readonly<Record<number, Readonly<Record<number, string>>>> = {
  0: {
    0: 'Get Chassis Capabilities',
    1: 'Get Chassis Status',
    2: 'Chassis Control',
    3: 'Chassis Reset',
    4: 'Chassis Identify',
    5: 'Set Chassis Capabilities',
    6: 'Set Power Restore Policy',
    7: 'Get System Restart Cause',
    8: 'Set System Boot Options',
    9: 'Get System Boot Options',
    10: 'Set Front Panel Button Enables',
    11: 'Set Power Cycle Interval',
    15: 'Get POH Counter',
  },
  4: {
    32: 'Get Device SDR Info',
    33: 'Get Device SDR',
    34: 'Reserve Device SDR Repository',
    35: 'Get Sensor Reading Factors',
    36: 'Set Sensor Hysteresis',
    37: 'Get Sensor Hysteresis',
    38: 'Set Sensor Threshold',
    39: 'Get Sensor Threshold',
    40: 'Set Sensor Event Enable',
    41: 'Get Sensor Event Enable',
    43: 'Get Sensor Event Status',
    45: 'Get Sensor Reading',
    47: 'Get Sensor Type',
  },
  6: {
    1: 'Get Device ID',
    2: 'Cold Reset',
    3: 'Warm Reset',
    4: 'Get Self Test Results',
    8: 'Get Device GUID',
    34: 'Reset Watchdog Timer',
    36: 'Set Watchdog Timer',
    37: 'Get Watchdog Timer',
    52: 'Send Message',
    55: 'Get System GUID',
    56: 'Get Channel Authentication Capabilities',
    57: 'Get Session Challenge',
    58: 'Activate Session',
    59: 'Set Session Privilege Level',
    60: 'Close Session',
    61: 'Get Session Info',
    64: 'Set Channel Access',
    65: 'Get Channel Access',
    66: 'Get Channel Info',
    67: 'Set User Access',
    68: 'Get User Access',
    69: 'Set User Name',
    70: 'Get User Name',
    71: 'Set User Password',
    72: 'Activate Payload',
    73: 'Deactivate Payload',
    74: 'Get Payload Activation Status',
    76: 'Set User Payload Access',
    77: 'Get User Payload Access',
    78: 'Get Channel Payload Support',
    84: 'Get Channel Cipher Suites',
    88: 'Set System Info Parameters',
    89: 'Get System Info Parameters',
  },
  10: {
    16: 'Get FRU Inventory Area Info',
    17: 'Read FRU Data',
    18: 'Write FRU Data',
    32: 'Get SDR Repository Info',
    33: 'Get SDR Repository Allocation Info',
    34: 'Reserve SDR Repository',
    35: 'Get SDR',
    64: 'Get SEL Info',
    65: 'Get SEL Allocation Info',
    66: 'Reserve SEL',
    67: 'Get SEL Entry',
    68: 'Add SEL Entry',
    70: 'Delete SEL Entry',
    71: 'Clear SEL',
    72: 'Get SEL Time',
    73: 'Set SEL Time',
  },
  12: {
    1: 'Set LAN Configuration Parameters',
    2: 'Get LAN Configuration Parameters',
    33: 'Set SOL Configuration Parameters',
    34: 'Get SOL Configuration Parameters',
  },
};

/** Commands of network function 0x2c by the defining body, which the first byte of their data names. */
const groupNames: Readonly<Record<number, Readonly<Record<number, string>>>> = {
  // PICMG 3.0 (AdvancedTCA), table 3-1.
  0: {
    0: 'Get PICMG Properties',
    1: 'Get Address Info',
    4: 'FRU Control',
    5: 'Get FRU LED Properties',
    6: 'Get LED Color Capabilities',
    7: 'Set FRU LED State',
    8: 'Get FRU LED State',
    10: 'Set FRU Activation Policy',
    11: 'Get FRU Activation Policy',
    12: 'Set FRU Activation',
    13: 'Get Device Locator Record ID',
    17: 'Set Power Level',
    18: 'Get Power Level',
    20: 'Get Fan Speed Properties',
    21: 'Set Fan Level',
    22: 'Get Fan Level',
  },
  // DCMI 1.5, table 6-1.
  220: {
    1: 'Get DCMI Capabilities Info',
    2: 'Get Power Reading',
    3: 'Get Power Limit',
    4: 'Set Power Limit',
    5: 'Activate/Deactivate Power Limit',
    6: 'Get Asset Tag',
    7: 'Get DCMI Sensor Info',
    8: 'Set Asset Tag',
    9: 'Get Management Controller Identifier String',
    10: 'Set Management Controller Identifier String',
    11: 'Set Thermal Limit',
    12: 'Get Thermal Limit',
    16: 'Get Temperature Readings',
    18: 'Set DCMI Configuration Parameters',
    19: 'Get DCMI Configuration Parameters',
  },
};
/** Written out here because what reads packets needs this file. */
const groupFunction = 0x2c;

/** A command with the data that may say whose it is. */
export interface NamedCommand {
  readonly netFn: number;
  readonly command: number;
  readonly data?: Uint8Array;
}

/** The defining body of a command of network function 0x2c; undefined for all others. */
export function groupOf({ netFn, data }: NamedCommand): number | undefined {
  return (netFn & 0xfe) === groupFunction ? data?.[0] : undefined;
}

const hex = (value: number) => `0x${value.toString(16).padStart(2, '0')}`;

/** "Chassis Control (0x02 of network function 0x00)"; commands without a name are "command 0x.. of ...". */
export function commandName(netFn: number, command: number, group?: number): string {
  const request = netFn & 0xfe;
  const name = group === undefined ? names[request]?.[command] : groupNames[group]?.[command];
  return name === undefined
    ? `command ${hex(command)} of network function ${hex(request)}`
    : `${name} (${hex(command)} of network function ${hex(request)})`;
}
