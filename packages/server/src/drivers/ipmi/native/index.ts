// What speaks IPMI in this process. It is loaded when the first BMC is asked: a server without such BMCs does not pay for it.
import { activateSol } from '@wrought/ipmi';
import type { IpmiBackend } from '../backend.ts';
import type { BmcCalls } from '../bmc-calls.ts';
import { nativeBackend } from './backend.ts';
import { createSessions, type Sessions } from './sessions.ts';

export interface NativeIpmi {
  readonly backend: IpmiBackend;
  readonly sessions: Sessions;
  readonly activateSol: typeof activateSol;
}

/** `keepAliveMilliseconds`: how often a console's session is asked whether it is still there. */
export function openNativeIpmi(calls: BmcCalls, keepAliveMilliseconds?: number): NativeIpmi {
  const sessions = createSessions(keepAliveMilliseconds);
  return { backend: nativeBackend(calls, sessions), sessions, activateSol };
}
