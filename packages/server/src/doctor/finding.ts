// What a check of the doctor says: how it is, what was looked at and seen, and what to do when it is not well.

export type Health = 'ok' | 'warning' | 'problem';

export interface Finding {
  /** What was looked at, such as "api.listen" or "database". */
  readonly subject: string;
  readonly health: Health;
  /** What was seen, as a sentence. */
  readonly message: string;
  /** What to do about it; null when it is well. */
  readonly remedy: string | null;
}

export function ok(subject: string, message: string): Finding {
  return { subject, health: 'ok', message, remedy: null };
}

/** Work goes on, but not as it should. */
export function warning(subject: string, message: string, remedy: string): Finding {
  return { subject, health: 'warning', message, remedy };
}

/** The server can not start, or can not do what it is configured for. */
export function problem(subject: string, message: string, remedy: string): Finding {
  return { subject, health: 'problem', message, remedy };
}

/** The text of whatever was thrown. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
