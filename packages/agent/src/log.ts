// The agent's log: plain lines on the console for a person at the serial line, and a bounded memory for the log archive.

export type Log = {
  info(message: string): void;
  warning(message: string): void;
  debug(message: string): void;
  /** The lines kept in memory, oldest first. */
  lines(): string[];
};

/** Lines kept for `log.collect_system_logs`. */
const MEMORY_MAX_LINES = 20_000;

/** Makes a log that writes to `write`, one line a call; debug lines only when asked for. */
export function createLog(write: (line: string) => void, withDebug: boolean): Log {
  const memory: string[] = [];
  const started = Date.now();
  const emit = (level: string, message: string): void => {
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    const line = `[agent ${seconds.padStart(7)}s] ${level}${message}`;
    memory.push(line);
    if (memory.length > MEMORY_MAX_LINES) memory.shift();
    write(line);
  };
  return {
    info: (message) => emit('', message),
    warning: (message) => emit('WARNING: ', message),
    debug: (message) => {
      if (withDebug) emit('debug: ', message);
    },
    lines: () => [...memory],
  };
}
