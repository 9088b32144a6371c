// Options of the embedded database.
import { path } from './option.ts';

export const database = {
  path: path({
    default: '$data_dir/wrought.db',
    description: 'SQLite database file.',
  }),
} as const;
