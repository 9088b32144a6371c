// Options of the audit log.
import { boolean, path } from './option.ts';

export const audit = {
  enabled: boolean({
    default: false,
    reloadable: true,
    description:
      'Write a line for every request that would change something, and for every console that is opened: who asked for what, and how it ended.',
  }),
  file: path({
    default: '$data_dir/audit.jsonl',
    description:
      'The audit log: one JSON object a line, in the CADF form of OpenStack. It is opened anew at SIGHUP, for whoever rotates it.',
  }),
} as const;
