// Completion codes as data: the generic ones (IPMI 2.0, table 5-2) and those that commands define for themselves.

/** Table 5-2, 0x00 and 0xc0 to 0xff: what the BMC says, and where it helps what to do about it. */
const generic: Readonly<Record<number, string>> = {
  0: 'completed normally',
  192: 'node busy: the BMC has no resources for the request now, send it again later',
  193: 'invalid command: the BMC does not know it',
  194: 'command invalid for this logical unit',
  195: 'timeout while the BMC processed the command',
  196: 'out of space: no storage left for the operation',
  197: 'reservation cancelled or invalid: reserve again and start over',
  198: 'request data truncated',
  199: 'request data length invalid',
  200: 'request data field length limit exceeded',
  201: 'parameter out of range',
  202: 'cannot return the number of bytes that were asked for: ask for fewer',
  203: 'requested sensor, data or record not present',
  204: 'invalid data field in the request',
  205: 'command illegal for this sensor or record type',
  206: 'response could not be provided',
  207: 'cannot execute a duplicated request',
  208: 'the sensor data record repository is being updated: try again later',
  209: 'the device is in firmware update mode: try again after the update',
  210: 'BMC initialisation in progress: try again later',
  211: 'destination unavailable',
  212: 'insufficient privilege level, or a firmware firewall: the user needs a higher privilege level for this command',
  213: 'command or parameters not supported in the present state',
  214: 'parameter illegal because the command was disabled or is unavailable',
  255: 'unspecified error',
};

const application = 0x06;

/** Codes 0x80 to 0xbe have another meaning for each command; the key is network function and command. */
const ofCommand: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  // 22.16 Get Session Challenge
  [`${application}/57`]: {
    129: 'invalid user name',
    130: 'null user name (user 1) not enabled',
  },
  // 22.17 Activate Session
  [`${application}/58`]: {
    129: 'no session slot available: the BMC accepts no other user',
    130: 'no slot available for this user',
    131: 'no slot available for this user, because of the privilege level asked for',
    132: 'session sequence number out of range',
    133: 'invalid session id in the request',
    134: 'maximum privilege level exceeds the limit of the user or the channel',
  },
  // 22.18 Set Session Privilege Level
  [`${application}/59`]: {
    128: 'privilege level not available for this user',
    129: 'privilege level exceeds the limit of the user or the channel',
    130: 'user level authentication cannot be disabled',
  },
  // 22.19 Close Session
  [`${application}/60`]: {
    135: 'invalid session id in the request',
    136: 'invalid session handle in the request',
  },
  // 24.1 Activate Payload
  [`${application}/72`]: {
    128: 'payload already active on another session: take it over, or wait until it is given back',
    129: 'payload type is disabled',
    130: 'payload activation limit reached',
    131: 'cannot activate the payload with encryption',
    132: 'cannot activate the payload without encryption',
  },
  // 24.2 Deactivate Payload
  [`${application}/73`]: {
    128: 'payload already deactivated',
    129: 'payload type is disabled',
  },
  // 22.7 Send Message
  [`${application}/52`]: {
    128: 'invalid session handle',
    129: 'lost arbitration on the bus',
    130: 'bus error',
    131: 'no acknowledge on the bus: nothing answers at that address',
  },
};

/** The words for a completion code of a command; network functions of requests and responses mean the same here. */
export function completionCodeText(netFn: number, command: number, code: number): string {
  const known = ofCommand[`${netFn & 0xfe}/${command}`]?.[code] ?? generic[code];
  if (known !== undefined) return known;
  if (code >= 0x01 && code <= 0x7e) return 'a code of the manufacturer';
  if (code >= 0x80 && code <= 0xbe) return 'a code of this command';
  return 'a reserved code';
}
