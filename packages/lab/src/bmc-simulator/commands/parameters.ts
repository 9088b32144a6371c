// The shape that LAN and SOL configuration parameters share: bytes by number, kept when they are set.
import { parameterCompletionCodes } from '@wrought/ipmi';
import type { Bmc } from '../bmc.ts';
import { perBmc } from '../per-bmc.ts';
import { type Answer, type CommandContext, completion } from './command.ts';
import { isLanChannel } from './sessions.ts';

const parameterRevision = 0x11;
const revisionOnly = 0x80;

/** The bytes of each parameter until it is set. */
export type InitialParameters = Readonly<Record<number, (bmc: Bmc) => readonly number[]>>;

/** The commands that get and set parameters of the LAN channel. */
export function channelParameters(initial: InitialParameters, readOnly: readonly number[]) {
  const changedOf = perBmc(() => new Map<number, Buffer>());
  return {
    get({ bmc, data: [channel = 0, parameter = 0] }: CommandContext): Answer {
      if (!isLanChannel(channel & 0x0f)) return completion.invalidField;
      if ((channel & revisionOnly) !== 0) return Uint8Array.of(parameterRevision);
      const bytes = changedOf(bmc).get(parameter) ?? initial[parameter]?.(bmc);
      return bytes === undefined ? parameterCompletionCodes.notSupported : Uint8Array.of(parameterRevision, ...bytes);
    },
    set({ bmc, data }: CommandContext): Answer {
      const [channel = 0, parameter = 0] = data;
      if (!isLanChannel(channel & 0x0f)) return completion.invalidField;
      const before = initial[parameter]?.(bmc);
      if (before === undefined) return parameterCompletionCodes.notSupported;
      if (readOnly.includes(parameter)) return parameterCompletionCodes.readOnly;
      const bytes = data.subarray(2);
      if (bytes.length !== before.length) return completion.invalidLength;
      changedOf(bmc).set(parameter, Buffer.from(bytes));
      return completion.ok;
    },
  };
}
