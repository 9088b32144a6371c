// Settles which token this session uses, and keeps it for an agent that is started again on the same machine.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AGENT_TOKEN_MASK, AGENT_TOKEN_MIN_CHARACTERS } from '@wrought/contract';
import type { AgentSettings } from '../settings.ts';

const TOKEN_FILE = 'token';

function readKeptToken(runDirectory: string): string | null {
  try {
    return readFileSync(join(runDirectory, TOKEN_FILE), 'utf8').trim() || null;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/**
 * The token of this session: the one handed over beforehand, else the one in the lookup's answer, else the one kept
 * by the agent that ran before on this machine. The server tells a token only once and masks it afterwards.
 *
 * @throws Error when the server has told the token to someone else.
 */
export function settleToken(settings: AgentSettings, answered: string | null | undefined): string {
  if (settings.agentToken !== null) return settings.agentToken;
  const isTold = typeof answered === 'string' && answered !== '' && answered !== AGENT_TOKEN_MASK;
  const token = isTold ? answered : readKeptToken(settings.runDirectory);
  if (token === null) {
    throw new Error(
      'the lookup answered without a token that this agent could use: it was handed out to an earlier boot; ' +
        'power the node off and on through the server, which makes a new one',
    );
  }
  if (token.length < AGENT_TOKEN_MIN_CHARACTERS) {
    throw new Error(
      `the lookup answered a token of ${token.length} characters; ${AGENT_TOKEN_MIN_CHARACTERS} are needed`,
    );
  }
  mkdirSync(settings.runDirectory, { recursive: true, mode: 0o700 });
  writeFileSync(join(settings.runDirectory, TOKEN_FILE), token, { mode: 0o600 });
  return token;
}
