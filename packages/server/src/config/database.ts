// Options of the embedded database.
import { integer, path } from './option.ts';

export const database = {
  path: path({
    default: '$data_dir/wrought.db',
    description: 'SQLite database file.',
  }),
  sqlite_max_wait_for_retry: integer({
    default: 10,
    minimum: 0,
    unit: 'seconds',
    description: 'Longest wait for a locked database before a write fails.',
  }),
} as const;
