// LAN configuration parameters of a simulated BMC (IPMI 2.0, 23.1 and 23.2); changes are kept and have no effect on its socket.
import type { Bmc } from '../bmc.ts';
import { type CommandTable, command } from './command.ts';
import { channelParameters, type InitialParameters } from './parameters.ts';

const authenticationBits = { none: 0x01, md5: 0x04, straightPassword: 0x10 } as const;
const privilegeLevels = 5;
const longestSuiteList = 16;
const communityLength = 18;

/** A locally administered address for the BMC with this number. */
const macOf = ({ index }: Bmc) => [0x52, 0x54, ...[24, 16, 8, 0].map((shift) => (index >>> shift) & 0xff)];
const ipv4Of = ({ address }: Bmc) => (address.includes(':') ? [0, 0, 0, 0] : address.split('.').map(Number));

const types = ({ settings }: Bmc) => settings.v15Logins.reduce((bits, login) => bits | authenticationBits[login], 0);

/** The suites that the table has room for: 0 is one too, but only where it is allowed. */
const listed = ({ settings }: Bmc) => settings.suites.slice(0, longestSuiteList);

/** The bytes of each parameter until it is set. */
const initial: InitialParameters = {
  0: () => [0],
  1: (bmc) => [types(bmc)],
  2: (bmc) => new Array(privilegeLevels).fill(types(bmc)),
  3: ipv4Of,
  // Static.
  4: () => [1],
  5: macOf,
  6: () => [255, 0, 0, 0],
  // Time to live, flags ("do not fragment"), type of service.
  7: () => [0x40, 0x40, 0x10],
  8: ({ port }) => [port & 0xff, port >> 8],
  10: () => [0x02],
  11: () => [0],
  12: () => [0, 0, 0, 0],
  13: () => [0, 0, 0, 0, 0, 0],
  14: () => [0, 0, 0, 0],
  15: () => [0, 0, 0, 0, 0, 0],
  16: () => [...Buffer.from('public'.padEnd(communityLength, '\0'), 'latin1')],
  20: () => [0, 0],
  21: () => [0],
  22: (bmc) => [listed(bmc).length],
  23: (bmc) => [0, ...listed(bmc)],
  // Each suite may be used up to administrator.
  24: () => [0, ...new Array(longestSuiteList / 2).fill(0x44)],
};

const parameters = channelParameters(initial, [1, 22, 23]);

export const lanCommands: CommandTable = {
  1: command('administrator', 3, parameters.set),
  2: command('operator', 4, parameters.get),
};
