// Options of cleaning.
import { boolean } from './option.ts';

export const clean = {
  automated: boolean({
    default: true,
    reloadable: true,
    description:
      'Clean a node when it is provided and after it was torn down. A node overrides it with its field automated_clean.',
  }),
} as const;
