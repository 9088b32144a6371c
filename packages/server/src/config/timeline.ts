// Options of the timeline that each node keeps.
import { integer } from './option.ts';

export const timeline = {
  max_entries_per_node: integer({
    default: 1000,
    minimum: 10,
    reloadable: true,
    description: 'Timeline entries kept for each node; the oldest go first.',
  }),
} as const;
