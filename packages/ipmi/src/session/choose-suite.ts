// Which cipher suite a login takes: one that is configured is used straight; of several, the first that the BMC takes.
import { privilegeLevel, suiteOf } from '../codec/index.ts';
import { AuthenticationError, CompletionCodeError, ProtocolError, TimeoutError } from '../errors.ts';
import type { ActiveV20 } from './active.ts';
import { Budget } from './budget.ts';
import { askCapabilities, askCipherSuites } from './capabilities.ts';
import type { Conversation } from './conversation.ts';
import { peerName } from './exchange.ts';
import { loginWithSuite, SuiteRefused } from './login-v20.ts';
import type { ResolvedOptions } from './options.ts';
import type { Limits } from './perform.ts';

/** Part of the time for a login after which a BMC that does not even answer to a suite is asked what it has. */
const silentShare = 0.4;

/** What a login needed to work; the next one begins with it. */
export interface KnownLogin {
  readonly suite: number;
  readonly explicitPrivilege: boolean;
}

export interface ChosenLogin extends KnownLogin {
  readonly active: ActiveV20;
}

/** Logs in; `known` is what the login before needed. */
export async function loginV20(
  conversation: Conversation,
  options: ResolvedOptions,
  known: KnownLogin | undefined,
  { budget, signal }: Limits,
): Promise<ChosenLogin> {
  let candidates = known === undefined ? options.suites : [known.suite];
  const explicitPrivilege = known?.explicitPrivilege ?? false;
  let asked = false;
  for (;;) {
    const [id, ...others] = candidates as [number, ...number[]];
    // The last one has all the time; before it, silence may mean that the BMC does not know the algorithms.
    const part = others.length === 0 ? budget : budget.part(silentShare);
    try {
      const attempt = { conversation, options, explicitPrivilege, suite: suiteOf(id), budget: part, signal };
      return { ...(await loginWithSuite(attempt)), suite: id };
    } catch (error) {
      const silent = error instanceof TimeoutError;
      if (!silent && !(error instanceof SuiteRefused)) throw error;
      if (others.length === 0)
        throw silent && known === undefined ? await whySilent(conversation, options, error) : error;
      candidates = others;
      if (silent && !asked) {
        asked = true;
        candidates = await offeredOf(conversation, others, { budget: budget.part(silentShare), signal });
      }
    }
  }
}

/** Those of the candidates that the BMC says it has; all of them when it does not say, or says nonsense. */
async function offeredOf(
  conversation: Conversation,
  candidates: readonly number[],
  limits: Limits,
): Promise<readonly number[]> {
  try {
    const records = await askCipherSuites(conversation, limits);
    const offered = candidates.filter((id) => records.some((record) => record.id === id));
    return offered.length === 0 ? candidates : offered;
  } catch (error) {
    const unhelpful =
      error instanceof TimeoutError || error instanceof CompletionCodeError || error instanceof ProtocolError;
    if (!unhelpful) throw error;
    return candidates;
  }
}

/** Milliseconds for the last question to a BMC that answered to no Open Session. */
const whyMilliseconds = 1000;

/** A BMC that is silent to RMCP+ may speak IPMI 1.5 only: that is worth saying. */
async function whySilent(conversation: Conversation, options: ResolvedOptions, silence: TimeoutError): Promise<Error> {
  try {
    const limits = { budget: new Budget(whyMilliseconds), signal: undefined };
    const capabilities = await askCapabilities(conversation, privilegeLevel[options.privilege], true, limits);
    if (capabilities.v20) return silence;
    return new AuthenticationError(
      peerName(conversation.peer),
      'authentication type',
      'the BMC speaks IPMI 1.5 only; set the protocol to 1.5 to log in all the same',
    );
  } catch (error) {
    if (error instanceof TimeoutError || error instanceof CompletionCodeError || error instanceof ProtocolError) {
      return silence;
    }
    throw error;
  }
}
