// Controllers on buses behind the BMC, reached through Send Message, one behind the other too (IPMI 2.0, 6.13 and 22.7).
import { encodeDeviceId } from '@wrought/ipmi';
import { decodeSendMessage, type Message, networkFunction, sendMessageCommand } from '@wrought/ipmi/codec';
import type { Bmc } from '../bmc.ts';
import type { Satellite } from '../make.ts';
import { answerTo } from '../session/send.ts';
import { type CommandTable, command, completion } from './command.ts';

/** Nothing acknowledges on the bus. */
const noAcknowledge = 0x83;
const { application } = networkFunction;
const getDeviceId = 0x01;
const getSelfTestResults = 0x04;

const find = (satellites: readonly Satellite[], channel: number, address: number) =>
  satellites.find((each) => each.channel === channel && each.address === address);

/** What a controller answers; behind it may be others. */
function answerOf(satellite: Satellite, message: Message): Buffer {
  const { netFn, command: number, data } = message;
  if (netFn === application && number === getDeviceId) {
    return Buffer.concat([Uint8Array.of(completion.ok), encodeDeviceId(satellite.deviceId)]);
  }
  if (netFn === application && number === getSelfTestResults) return Buffer.of(completion.ok, 0x55, 0);
  if (netFn === application && number === sendMessageCommand) {
    const { channel, message: inner } = decodeSendMessage(data);
    const next = find(satellite.behind ?? [], channel, inner.to);
    if (next === undefined) return Buffer.of(noAcknowledge);
    // A controller hands the answer on inside its own.
    return Buffer.concat([Uint8Array.of(completion.ok), answerTo(inner, answerOf(next, inner))]);
  }
  return Buffer.of(completion.invalidCommand);
}

/** The second answer to Send Message: what came back over the bus. Undefined for any other request. */
export function relayed(bmc: Bmc, request: Message): Buffer | undefined {
  if (request.netFn !== application || request.command !== sendMessageCommand) return undefined;
  const { channel, message } = decodeSendMessage(request.data);
  const satellite = find(bmc.settings.make.satellites, channel, message.to);
  if (satellite === undefined) return undefined;
  // As on the bus, it is addressed to the BMC; the console knows it by its sequence number.
  return answerTo({ ...message, from: request.from, fromLun: request.fromLun }, answerOf(satellite, message));
}

export const satelliteCommands: CommandTable = {
  [sendMessageCommand]: command('user', 8, ({ bmc, data }) => {
    const { channel, message } = decodeSendMessage(data);
    return find(bmc.settings.make.satellites, channel, message.to) === undefined ? noAcknowledge : completion.ok;
  }),
};
