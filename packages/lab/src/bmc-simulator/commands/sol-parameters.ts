// SOL configuration parameters of a simulated BMC (IPMI 2.0, 26.2 and 26.3).
import { type CommandTable, command } from './command.ts';
import { channelParameters, type InitialParameters } from './parameters.ts';
import { lanChannel } from './sessions.ts';

const baudRate115200 = 0x0a;

const initial: InitialParameters = {
  0: () => [0],
  // Enabled.
  1: () => [1],
  // Encryption and authentication are up to the session; user level and up.
  2: () => [2],
  // Accumulate 60 ms or 96 characters.
  3: () => [12, 96],
  // Seven retries, 500 ms apart.
  4: () => [7, 50],
  5: () => [baudRate115200],
  6: () => [baudRate115200],
  7: () => [lanChannel],
  8: ({ port }) => [port & 0xff, port >> 8],
};

const parameters = channelParameters(initial, [7]);

export const solCommands: CommandTable = {
  33: command('administrator', 3, parameters.set),
  34: command('user', 4, parameters.get),
};
