// Finds the command of a request, checks who gives it, and carries it out.
import { ProtocolError } from '@wrought/ipmi';
import { networkFunction } from '@wrought/ipmi/codec';
import { applicationCommands } from './application.ts';
import { channelCommands } from './channels.ts';
import { chassisCommands } from './chassis.ts';
import { type Answer, type CommandContext, type CommandTable, completion } from './command.ts';
import { dcmiCommands } from './dcmi.ts';
import { fruCommands } from './fru.ts';
import { lanCommands } from './lan.ts';
import { payloadCommands } from './payloads.ts';
import { satelliteCommands } from './satellites.ts';
import { sdrCommands } from './sdrs.ts';
import { selCommands } from './sel.ts';
import { sensorCommands } from './sensors.ts';
import { sessionCommands } from './sessions.ts';
import { solCommands } from './sol-parameters.ts';
import { userCommands } from './users.ts';
import { watchdogCommands } from './watchdog.ts';

const tables: Readonly<Record<number, CommandTable>> = {
  [networkFunction.chassis]: chassisCommands,
  [networkFunction.sensorEvent]: sensorCommands,
  [networkFunction.application]: {
    ...applicationCommands,
    ...watchdogCommands,
    ...sessionCommands,
    ...channelCommands,
    ...userCommands,
    ...payloadCommands,
    ...satelliteCommands,
  },
  [networkFunction.storage]: { ...fruCommands, ...sdrCommands, ...selCommands },
  [networkFunction.transport]: { ...lanCommands, ...solCommands },
};

/** The first byte of the data says who defines a command of the group extension. */
const groups: Readonly<Record<number, CommandTable>> = { 220: dcmiCommands };

/** The data of a response: completion code, then bytes. */
export function completed(answer: Answer): Buffer {
  if (typeof answer === 'number') return Buffer.of(answer);
  const data = Buffer.allocUnsafe(1 + answer.length);
  data[0] = completion.ok;
  data.set(answer, 1);
  return data;
}

function runCommand(table: CommandTable | undefined, number: number, context: CommandContext): Answer {
  const found = table?.[number];
  if (found === undefined) return completion.invalidCommand;
  if (found.privilege > (context.session?.privilege ?? 0)) return completion.insufficientPrivilege;
  if (context.data.length < found.length) return completion.invalidLength;
  try {
    return found.run(context);
  } catch (error) {
    if (error instanceof ProtocolError) return completion.invalidField;
    throw error;
  }
}

/** The data of the response to a request: completion code, then bytes. */
export function perform(
  context: CommandContext,
  { netFn, command }: { readonly netFn: number; readonly command: number },
): Buffer {
  const { bmc, session, data } = context;
  const hooked = session === undefined ? undefined : bmc.settings.raw?.({ netFn, command, data }, bmc);
  if (hooked !== undefined) return completed(hooked);
  if (netFn !== networkFunction.group) return completed(runCommand(tables[netFn], command, context));
  const [group = 0] = data;
  const answer = runCommand(groups[group], command, { ...context, data: data.subarray(1) });
  // Answers of the group extension begin with the group, even where they refuse.
  if (typeof answer === 'number') return Buffer.of(answer, ...(groups[group] === undefined ? [] : [group]));
  return completed(Buffer.concat([Uint8Array.of(group), answer]));
}
