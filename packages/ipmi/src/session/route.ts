// How a request reaches who it is for: the BMC itself, or through it over one or two other buses (6.13, 22.7).
import {
  bmcAddress,
  decodeMessage,
  encodeMessage,
  encodeSendMessage,
  type Message,
  networkFunction,
  remoteConsoleAddress,
  sendMessageCommand,
} from '../codec/index.ts';
import type { Request } from '../connection.ts';
import { CompletionCodeError } from '../errors.ts';
import { answers } from './conversation.ts';

/** A controller on a bus behind the BMC. */
export interface BridgeTarget {
  /** Channel of the bus, 0 to 15. */
  readonly channel: number;
  /** Slave address on that bus. */
  readonly address: number;
  /** With double bridging, the controller whose channel that is, itself on a bus of the BMC. */
  readonly transit?: { readonly channel: number; readonly address: number };
}

const nothing = Buffer.alloc(0);
const duplicatedRequest = 0xcf;
const shortestMessage = 7;

const toController = (address: number, sequence: number, request: Request, from: number): Message => ({
  to: address,
  toLun: request.lun ?? 0,
  netFn: request.netFn,
  from,
  fromLun: 0,
  sequence,
  command: request.command,
  data: request.data ?? nothing,
});

const sendMessage = (channel: number, message: Message): Request => ({
  netFn: networkFunction.application,
  command: sendMessageCommand,
  data: encodeSendMessage(channel, message),
});

/** The payload of a request. */
export function encodeRequest(request: Request, sequence: number, target: BridgeTarget | undefined): Buffer {
  let outer = request;
  if (target !== undefined) {
    // What is bridged comes from the BMC as seen on the bus; it finds the way back to us by the sequence number.
    outer = sendMessage(target.channel, toController(target.address, sequence, request, bmcAddress));
    const { transit } = target;
    if (transit !== undefined) {
      outer = sendMessage(transit.channel, toController(transit.address, sequence, outer, bmcAddress));
    }
  }
  return encodeMessage(toController(bmcAddress, sequence, outer, remoteConsoleAddress));
}

/**
 * Finds the response to a request among messages. Bridged ones come after the response to each Send Message, or inside
 * it; BMCs do either.
 */
export function readResponse(
  payload: Uint8Array,
  request: Request,
  sequence: number,
  bridged: boolean,
): (Message & { readonly data: Buffer }) | undefined {
  const message = decodeMessage(payload);
  if (bridged && answers(message, networkFunction.application, sendMessageCommand, sequence)) {
    const code = message.data[0] ?? 0;
    if (code !== 0)
      throw new CompletionCodeError({ netFn: networkFunction.application, command: sendMessageCommand }, code);
    const inside = message.data.subarray(1);
    return inside.length < shortestMessage ? undefined : readResponse(inside, request, sequence, true);
  }
  if (!answers(message, request.netFn, request.command, sequence)) return undefined;
  // The BMC has the request twice because we sent it again; the answer to the first is on its way or was lost.
  return message.data[0] === duplicatedRequest ? undefined : message;
}
