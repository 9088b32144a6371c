// Options of the database: a SQLite file, or a PostgreSQL server.
import { integer, path, url } from './option.ts';

export const database = {
  path: path({
    default: '$data_dir/wrought.db',
    description: 'SQLite database file; not used where `url` is set.',
  }),
  url: url({
    default: null,
    schemes: ['postgres', 'postgresql'],
    secret: true,
    description:
      'PostgreSQL 15 or later instead of SQLite: `postgres://USER:PASSWORD@HOST:PORT/NAME`, with `?sslmode=verify-full` for TLS, or `postgres://USER@localhost/NAME?host=/run/postgresql` for a UNIX socket. The database has to exist, be encoded in UTF-8 and belong to the user; its tables are made at the first start.',
  }),
  wait_at_start: integer({
    default: 60,
    minimum: 0,
    maximum: 3600,
    unit: 'seconds',
    description: 'How long a process that starts waits for PostgreSQL when it can not be reached, before it gives up.',
  }),
  read_connections: integer({
    default: 4,
    minimum: 1,
    maximum: 100,
    description: 'Connections of this process to PostgreSQL for reading; one more writes.',
  }),
} as const;
