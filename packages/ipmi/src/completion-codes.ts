// Completion codes as data: the generic ones (IPMI 2.0, table 5-2) and those that commands define for themselves.

/** Table 5-2, 0x00 and 0xc0 to 0xff: what the BMC says, and where it helps what to do about it. */
const generic: ReadonlyMap<number, string> = new Map([
  [0x00, 'completed normally'],
  [0xc0, 'node busy: the BMC has no resources for the request now, send it again later'],
  [0xc1, 'invalid command: the BMC does not know it'],
  [0xc2, 'command invalid for this logical unit'],
  [0xc3, 'timeout while the BMC processed the command'],
  [0xc4, 'out of space: no storage left for the operation'],
  [0xc5, 'reservation cancelled or invalid: reserve again and start over'],
  [0xc6, 'request data truncated'],
  [0xc7, 'request data length invalid'],
  [0xc8, 'request data field length limit exceeded'],
  [0xc9, 'parameter out of range'],
  [0xca, 'cannot return the number of bytes that were asked for: ask for fewer'],
  [0xcb, 'requested sensor, data or record not present'],
  [0xcc, 'invalid data field in the request'],
  [0xcd, 'command illegal for this sensor or record type'],
  [0xce, 'response could not be provided'],
  [0xcf, 'cannot execute a duplicated request'],
  [0xd0, 'the sensor data record repository is being updated: try again later'],
  [0xd1, 'the device is in firmware update mode: try again after the update'],
  [0xd2, 'BMC initialisation in progress: try again later'],
  [0xd3, 'destination unavailable'],
  [
    0xd4,
    'insufficient privilege level, or a firmware firewall: the user needs a higher privilege level for this command',
  ],
  [0xd5, 'command or parameters not supported in the present state'],
  [0xd6, 'parameter illegal because the command was disabled or is unavailable'],
  [0xff, 'unspecified error'],
]);

type Codes = readonly (readonly [code: number, text: string])[];

interface CommandCodes {
  readonly netFn: number;
  readonly commands: readonly number[];
  readonly codes: Codes;
}

// The numbers of the network functions are written out here because what reads packets needs this file.
const chassis = 0x00;
const sensorEvent = 0x04;
const application = 0x06;
const storage = 0x0a;
const transport = 0x0c;
const group = 0x2c;

const configuration: Codes = [
  [0x80, 'parameter not supported'],
  [0x81, 'set in progress: another client is writing parameters'],
  [0x82, 'parameter can only be read'],
  [0x83, 'parameter can only be written'],
];
const erasing = [0x81, 'the system event log is being erased: try again later'] as const;
const busyFru = [0x81, 'FRU device busy: the BMC uses it itself, try again later'] as const;

/** Codes 0x80 to 0xbe have another meaning for each command. */
const ofCommands: readonly CommandCodes[] = [
  // 28.12 and 28.13 Set and Get System Boot Options
  { netFn: chassis, commands: [0x08, 0x09], codes: configuration },
  // 30.3 and 30.4 Set and Get PEF Configuration Parameters
  { netFn: sensorEvent, commands: [0x12, 0x13], codes: configuration },
  // 30.5 and 30.6 Set and Get Last Processed Event ID
  { netFn: sensorEvent, commands: [0x14, 0x15], codes: [erasing] },
  // 35.17 Set Sensor Reading And Event Status
  {
    netFn: sensorEvent,
    commands: [0x30],
    codes: [
      [0x80, 'reading or status of this sensor cannot be set'],
      [0x81, 'event data of this sensor cannot be set'],
    ],
  },
  // 27.5 Reset Watchdog Timer
  { netFn: application, commands: [0x22], codes: [[0x80, 'the watchdog was never set: set it first']] },
  // 22.6 Get Message
  { netFn: application, commands: [0x33], codes: [[0x80, 'no message is there']] },
  // 22.7 Send Message
  {
    netFn: application,
    commands: [0x34],
    codes: [
      [0x80, 'invalid session handle'],
      [0x81, 'lost arbitration on the bus'],
      [0x82, 'bus error'],
      [0x83, 'no acknowledge on the bus: nothing answers at that address'],
    ],
  },
  // 22.11 Master Write-Read
  {
    netFn: application,
    commands: [0x52],
    codes: [
      [0x81, 'lost arbitration on the bus'],
      [0x82, 'bus error'],
      [0x83, 'no acknowledge on the bus: nothing answers at that address'],
      [0x84, 'truncated read'],
    ],
  },
  // 22.16 Get Session Challenge
  {
    netFn: application,
    commands: [0x39],
    codes: [
      [0x81, 'invalid user name'],
      [0x82, 'null user name (user 1) not enabled'],
    ],
  },
  // 22.17 Activate Session
  {
    netFn: application,
    commands: [0x3a],
    codes: [
      [0x81, 'no session slot available: the BMC accepts no other user'],
      [0x82, 'no slot available for this user'],
      [0x83, 'no slot available for this user, because of the privilege level asked for'],
      [0x84, 'session sequence number out of range'],
      [0x85, 'invalid session id in the request'],
      [0x86, 'maximum privilege level exceeds the limit of the user or the channel'],
    ],
  },
  // 22.18 Set Session Privilege Level
  {
    netFn: application,
    commands: [0x3b],
    codes: [
      [0x80, 'privilege level not available for this user'],
      [0x81, 'privilege level exceeds the limit of the user or the channel'],
      [0x82, 'user level authentication cannot be disabled'],
    ],
  },
  // 22.19 Close Session
  {
    netFn: application,
    commands: [0x3c],
    codes: [
      [0x87, 'invalid session id in the request'],
      [0x88, 'invalid session handle in the request'],
    ],
  },
  // 22.22 and 22.23 Set and Get Channel Access
  {
    netFn: application,
    commands: [0x40, 0x41],
    codes: [
      [0x82, 'not supported on this channel, for instance because it has no sessions'],
      [0x83, 'access mode not supported'],
    ],
  },
  // 22.30 Set User Password
  {
    netFn: application,
    commands: [0x47],
    codes: [
      [0x80, 'password test failed: the password differs'],
      [0x81, 'password test failed: it was stored with another number of bytes, 16 or 20'],
    ],
  },
  // 24.1 Activate Payload
  {
    netFn: application,
    commands: [0x48],
    codes: [
      [0x80, 'payload already active on another session: take it over, or wait until it is given back'],
      [0x81, 'payload type is disabled'],
      [0x82, 'payload activation limit reached'],
      [0x83, 'cannot activate the payload with encryption'],
      [0x84, 'cannot activate the payload without encryption'],
    ],
  },
  // 24.2 Deactivate Payload
  {
    netFn: application,
    commands: [0x49],
    codes: [
      [0x80, 'payload already deactivated'],
      [0x81, 'payload type is disabled'],
    ],
  },
  // 22.25 Set Channel Security Keys
  {
    netFn: application,
    commands: [0x56],
    codes: [
      [0x80, 'the key is locked'],
      [0x81, 'too few bytes of the key'],
      [0x82, 'too many bytes of the key'],
      [0x83, 'the key does not meet the criteria of this BMC'],
      [0x84, 'the BMC does not use this key'],
    ],
  },
  // 22.14a and 22.14b Set and Get System Info Parameters
  { netFn: application, commands: [0x58, 0x59], codes: configuration },
  // 34.2 Read FRU Data
  { netFn: storage, commands: [0x11], codes: [busyFru] },
  // 34.3 Write FRU Data
  { netFn: storage, commands: [0x12], codes: [[0x80, 'write-protected offset'], busyFru] },
  // 31.2 Get SEL Info, 31.5 Get SEL Entry
  { netFn: storage, commands: [0x40, 0x43], codes: [erasing] },
  // 31.6 Add SEL Entry, 31.8 Delete SEL Entry
  {
    netFn: storage,
    commands: [0x44, 0x46],
    codes: [[0x80, 'operation not supported for this record type'], erasing],
  },
  // 23.1 and 23.2, 25.1 and 25.2, 26.2 and 26.3: LAN, serial and SOL configuration parameters
  { netFn: transport, commands: [0x01, 0x02, 0x10, 0x11, 0x21, 0x22], codes: configuration },
  // DCMI 1.5, 6.6.2 Get Power Limit: limits are an answer too, with a code that says that they are not active
  { netFn: group, commands: [0x03], codes: [[0x80, 'no power limit is set']] },
  // DCMI 1.5, 6.6.3 Set Power Limit
  {
    netFn: group,
    commands: [0x04],
    codes: [
      [0x84, 'power limit out of range'],
      [0x85, 'correction time out of range'],
      [0x89, 'statistics reporting period out of range'],
    ],
  },
];

const byCommand: ReadonlyMap<number, ReadonlyMap<number, string>> = new Map(
  ofCommands.flatMap(({ netFn, commands, codes }) =>
    commands.map((command) => [(netFn << 8) | command, new Map(codes)] as const),
  ),
);

/** The words for a completion code of a command; network functions of requests and responses mean the same here. */
export function completionCodeText(netFn: number, command: number, code: number): string {
  const known = byCommand.get(((netFn & 0xfe) << 8) | command)?.get(code) ?? generic.get(code);
  if (known !== undefined) return known;
  if (code >= 0x01 && code <= 0x7e) return 'a code of the manufacturer';
  if (code >= 0x80 && code <= 0xbe) return 'a code of this command';
  return 'a reserved code';
}
