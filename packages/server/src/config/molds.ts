// Options of the web server on which configurations of machines lie (molds) that steps export and import.
import { text, url } from './option.ts';

export const molds = {
  server: url({
    default: null,
    reloadable: true,
    description:
      'URL of the web server where exported configurations lie. `user` and `password` are sent there alone; other locations are asked without.',
  }),
  user: text({ default: null, reloadable: true, description: 'User at `server` (HTTP basic authentication).' }),
  password: text({ default: null, secret: true, reloadable: true, description: 'Password of `user`.' }),
} as const;
