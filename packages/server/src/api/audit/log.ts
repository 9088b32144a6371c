// The audit log: a line for every request that would change something or opens a console, written before the next one is answered.
import { closeSync, openSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Config } from '../../config/index.ts';
import { type AuditedRequest, auditEvent } from './event.ts';

export interface AuditLog {
  /** Writes the line of a request; does nothing while the log is switched off. */
  record(request: Omit<AuditedRequest, 'observer'>): void;
  /** Opens the file anew, for whoever has moved it away. @throws Error naming the file */
  reopen(config: Config): void;
  close(): void;
}

const changing: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/** What a WebSocket is answered with (RFC 6455, section 1.3): whoever has a console may do much. */
const SWITCHING_PROTOCOLS = 101;

/** Whether a request is written down. */
export function isAudited({ method, status }: { readonly method: string; readonly status: number }): boolean {
  return changing.has(method) || status === SWITCHING_PROTOCOLS;
}

function open({ audit }: Config): number | undefined {
  if (!audit.enabled) {
    return undefined;
  }
  try {
    return openSync(audit.file, 'a', 0o600);
  } catch (error) {
    throw new Error(
      `The audit log ${audit.file} (audit.file) can not be opened: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/**
 * Opens the log that the configuration asks for. `onProblem` hears of lines that could not be written.
 * @throws Error naming the file
 */
export function openAuditLog(config: Config, onProblem: (error: unknown) => void): AuditLog {
  const observer = hostname();
  let file = open(config);
  const close = () => {
    if (file !== undefined) {
      closeSync(file);
      file = undefined;
    }
  };
  return {
    record(request) {
      if (file === undefined) {
        return;
      }
      try {
        writeSync(file, `${JSON.stringify(auditEvent({ ...request, observer }))}\n`);
      } catch (error) {
        onProblem(error);
      }
    },
    reopen(changed) {
      const opened = open(changed);
      close();
      file = opened;
    },
    close,
  };
}
