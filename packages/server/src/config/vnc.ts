// Options of graphical consoles.
import { boolean, integer, url } from './option.ts';

export const vnc = {
  enabled: boolean({
    default: true,
    description:
      'Offer graphical consoles: the page that shows the screen of a machine, and the WebSocket behind it, at the listeners of the API.',
  }),
  public_url: url({
    default: null,
    description:
      'What addresses of graphical consoles begin with, such as "https://consoles.example.com", where a proxy before the API has another name for browsers. Unset: what the client of the API called it, or api.public_endpoint.',
  }),
  token_timeout: integer({
    default: 600,
    minimum: 10,
    unit: 'seconds',
    reloadable: true,
    description:
      'How long an address of a graphical console lets people in. Who is in stays; a console that nobody looks at is switched off after this time.',
  }),
  expire_console_session_interval: integer({
    default: 120,
    minimum: 0,
    unit: 'seconds',
    description: 'How often graphical consoles that nobody looks at any more are looked for; 0: never.',
  }),
  read_only: boolean({
    default: false,
    reloadable: true,
    description: 'Graphical consoles show the screen alone: keys, mouse and clipboard do not reach the machine.',
  }),
} as const;
