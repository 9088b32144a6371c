// Options of the log.
import { choice } from './option.ts';

export const log = {
  level: choice({
    default: 'info',
    allowed: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
    reloadable: true,
    description: 'Least severe entries that are written.',
  }),
  format: choice({
    default: 'json',
    allowed: ['json', 'text'],
    description: 'One JSON object a line, or lines for the eye.',
  }),
} as const;
