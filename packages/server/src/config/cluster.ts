// Options of several processes on one PostgreSQL database: where conductors take calls, and how they watch each other.
import { address, number, text } from './option.ts';

export const cluster = {
  listen: address({
    default: '127.0.0.1:0',
    description:
      'Where this conductor takes calls of the other processes; port 0 takes any. They know each other by a key in the database. Not used with SQLite, where one process does all.',
  }),
  advertise: text({
    default: null,
    description:
      'HOST or HOST:PORT under which the other processes reach `listen`; unset: what it listens on, or conductor.host where that is every address.',
  }),
  poll_interval: number({
    default: 2,
    minimum: 0.1,
    unit: 'seconds',
    description: 'How often processes look who is there; changes that the database tells of are seen at once.',
  }),
  call_timeout: number({
    default: 60,
    minimum: 1,
    unit: 'seconds',
    reloadable: true,
    description: 'Longest wait for the answer of a conductor that was called.',
  }),
} as const;
