// The program's log: pino, with the level and the form that the configuration names.
import { RegisteredError } from '@wrought/contract';
import pino from 'pino';
import type { Config } from './config/index.ts';

/** Makes the log; it writes to the standard error stream, one JSON object or one plain line an entry. */
export function createLog(config: Config): pino.Logger {
  const options: pino.LoggerOptions = {
    level: config.log.level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: serializeError },
  };
  const destination = pino.destination({ dest: 2, sync: true });
  return config.log.format === 'json' ? pino(options, destination) : pino(options, plainLines(destination));
}

/** A database that is away says all in its message; a stack for each look in the meantime would bury the rest. */
function serializeError(error: unknown): unknown {
  return error instanceof RegisteredError && error.code === 'TemporaryFailure'
    ? { type: error.name, message: error.message }
    : pino.stdSerializers.err(error as Error);
}

/** Turns entries into lines for the eye: time, level, message, then the other fields. */
function plainLines(destination: { write(text: string): unknown }): pino.DestinationStream {
  return {
    write(line) {
      const { level, time, msg, err, ...fields } = JSON.parse(line) as Record<string, unknown>;
      const rest = Object.entries(fields).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
      const { stack, message } = (err ?? {}) as { stack?: unknown; message?: unknown };
      const trouble = stack === undefined ? (message === undefined ? '' : ` ${message}`) : `\n${String(stack)}`;
      const severity = String(level).toUpperCase().padEnd(5);
      destination.write(`${[time, severity, msg, ...rest].join(' ')}${trouble}\n`);
    },
  };
}
