// One request in an open session: asked, asked again while the BMC is busy, and answered with its data.
import { setTimeout as pause } from 'node:timers/promises';
import { networkFunction, payloadType, privilegeLevel, setSessionPrivilegeLevel } from '../codec/index.ts';
import { commandName, groupOf } from '../command-names.ts';
import type { Request } from '../connection.ts';
import { AuthenticationError, CompletionCodeError } from '../errors.ts';
import type { ActiveSession } from './active.ts';
import type { Budget } from './budget.ts';
import { dataOf } from './capabilities.ts';
import type { Conversation } from './conversation.ts';
import { peerName } from './exchange.ts';
import type { ResolvedOptions } from './options.ts';
import { type BridgeTarget, encodeRequest, readResponse } from './route.ts';

export interface Limits {
  readonly budget: Budget;
  readonly signal: AbortSignal | undefined;
}

/** What is asked, of whom. */
export interface Errand {
  readonly request: Request;
  readonly target: BridgeTarget | undefined;
  readonly repeatable: boolean;
}

const firstBusyPauseMilliseconds = 100;
/** The BMC says that it did not begin: node busy, and initialisation in progress. Asking again is safe. */
const notBegun: ReadonlySet<number> = new Set([0xc0, 0xd2]);
/**
 * A request that is sent again has a new session sequence number and the message sequence number it had: BMCs drop
 * packets with a session sequence number they have seen, and may know the message again. Some do, and answer 0xcf; many
 * (OpenBMC and ipmi_sim among them) carry it out twice. So what must not happen twice is sent again late.
 */
const lateRepetitionMilliseconds = 2000;

export const nameOf = (request: Request) => commandName(request.netFn, request.command, groupOf(request));

/** The response, whatever its completion code. */
export function askOnce(conversation: Conversation, active: ActiveSession, errand: Errand, limits: Limits) {
  const { request, target, repeatable } = errand;
  const sequence = conversation.nextMessageSequence();
  const payload = encodeRequest(request, sequence, target);
  return conversation.ask(
    {
      what: nameOf(request),
      makePacket: () => active.seal(payloadType.ipmi, payload),
      minimumWait: repeatable ? 0 : lateRepetitionMilliseconds,
      ...limits,
    },
    (bytes, type) =>
      type === payloadType.ipmi ? readResponse(bytes, request, sequence, target !== undefined) : undefined,
  );
}

/** The bytes after completion code 0. */
export async function perform(
  conversation: Conversation,
  active: ActiveSession,
  errand: Errand,
  limits: Limits,
): Promise<Buffer> {
  let busyPause = firstBusyPauseMilliseconds;
  for (;;) {
    const message = await askOnce(conversation, active, errand, limits);
    const again = notBegun.has(message.data[0] ?? 0) && busyPause < limits.budget.left;
    if (!again) return dataOf(message, errand.request);
    await pause(busyPause, undefined, limits.signal === undefined ? {} : { signal: limits.signal });
    limits.budget.spend(busyPause);
    busyPause *= 2;
  }
}

/** Set Session Privilege Level: sessions begin at user level (22.18). */
export async function raisePrivilege(
  conversation: Conversation,
  active: ActiveSession,
  options: ResolvedOptions,
  limits: Limits,
): Promise<void> {
  const level = privilegeLevel[options.privilege];
  if (level <= privilegeLevel.user) return;
  const refused = (why: string) =>
    new AuthenticationError(
      peerName(conversation.peer),
      'privilege',
      `the privilege level ${options.privilege} was refused: ${why}; ask for a lower one or raise the user's`,
    );
  const request = {
    netFn: networkFunction.application,
    command: setSessionPrivilegeLevel,
    data: Buffer.of(level),
  };
  const answer = await perform(conversation, active, { request, target: undefined, repeatable: true }, limits).catch(
    (error: unknown) => {
      throw error instanceof CompletionCodeError ? Object.assign(refused(error.text), { cause: error }) : error;
    },
  );
  const granted = (answer[0] ?? 0) & 0x0f;
  if (granted < level) throw refused(`the BMC granted level ${granted} where ${level} was asked for`);
}
