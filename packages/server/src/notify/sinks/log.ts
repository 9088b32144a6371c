// The sink "log": one JSON object a line, to a file or to the standard error output.
import { appendFile } from 'node:fs/promises';
import type { Config } from '../../config/index.ts';
import type { Sink } from '../sink.ts';

function toErrorOutput(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stderr.write(text, (error) => (error ? reject(error) : resolve()));
  });
}

export function logSink({ events: { log_file: file } }: Config): Sink {
  return {
    async deliver(events) {
      const text = events.map((event) => `${JSON.stringify(event)}\n`).join('');
      if (file === null) {
        await toErrorOutput(text);
        return;
      }
      // Opened for each batch, so that whoever rotates the file need not tell; on the disk before the place is kept.
      await appendFile(file, text, { mode: 0o600, flush: true });
    },
    async close() {},
  };
}
