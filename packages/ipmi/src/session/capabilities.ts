// What a BMC offers before a login: kinds of login, and cipher suites.
import {
  type Capabilities,
  type CipherSuiteRecord,
  decodeCapabilities,
  decodeCipherSuiteRecords,
  encodeCapabilitiesRequest,
  getChannelAuthenticationCapabilities,
  getChannelCipherSuites,
  networkFunction,
  payloadType,
  presentChannel,
} from '../codec/index.ts';
import type { NamedCommand } from '../command-names.ts';
import { CompletionCodeError, ProtocolError } from '../errors.ts';
import type { Ask, Conversation } from './conversation.ts';

type Limits = Pick<Ask, 'budget' | 'signal' | 'begins'>;

/** The data of a response after its completion code; a CompletionCodeError for any but zero. */
export function dataOf(message: { readonly data: Buffer }, request: NamedCommand): Buffer {
  const code = message.data[0];
  if (code === undefined) throw new ProtocolError('truncated', 'completion code', 0);
  if (code !== 0) throw new CompletionCodeError(request, code);
  return message.data.subarray(1);
}

export async function askCapabilities(
  conversation: Conversation,
  privilege: number,
  extended: boolean,
  limits: Limits,
): Promise<Capabilities> {
  const command = {
    netFn: networkFunction.application,
    command: getChannelAuthenticationCapabilities,
    data: encodeCapabilitiesRequest({ channel: presentChannel, privilege, extended }),
  };
  const answer = await conversation.askSessionless(command, {
    what: 'Get Channel Authentication Capabilities',
    ...limits,
  });
  return decodeCapabilities(dataOf(answer, command));
}

const listBySuite = 0x80;
const pieceLength = 16;
/** 64 pieces are what the index has room for; a BMC that always answers in full must not keep us forever. */
const maximumPieces = 64;

/** The suites that a BMC says it has. */
export async function askCipherSuites(conversation: Conversation, limits: Limits): Promise<CipherSuiteRecord[]> {
  const pieces: Buffer[] = [];
  for (let index = 0; index < maximumPieces; index++) {
    const command = {
      netFn: networkFunction.application,
      command: getChannelCipherSuites,
      data: Buffer.of(presentChannel, payloadType.ipmi, listBySuite | index),
    };
    const answer = await conversation.askSessionless(command, { what: 'Get Channel Cipher Suites', ...limits });
    const piece = dataOf(answer, command).subarray(1);
    const last = pieces[pieces.length - 1];
    // Some BMCs ignore the index and repeat themselves.
    if (last !== undefined && piece.equals(last)) break;
    pieces.push(piece);
    if (piece.length < pieceLength) break;
  }
  return decodeCipherSuiteRecords(Buffer.concat(pieces));
}
