// Options of serial consoles.
import { integer, path, text } from './option.ts';

export const consoles = {
  socat_address: text({
    default: '127.0.0.1',
    description:
      'Address on which the conductor offers serial consoles over plain TCP. Whoever reaches it has the console without a password, so anything but loopback needs a network of its own.',
  }),
  port_range: text({
    default: null,
    description:
      'TCP ports for consoles of nodes that name none in driver_info/ipmi_terminal_port: "10000:20000". Unset: such nodes have no console.',
  }),
  max_listeners: integer({
    default: 16,
    minimum: 1,
    reloadable: true,
    description:
      'Listeners that one console has at a time, at its TCP port and at WebSockets together; what is over is refused.',
  }),
  terminal_timeout: integer({
    default: 600,
    minimum: 0,
    unit: 'seconds',
    reloadable: true,
    description:
      'A listener at a console that may type, and neither sends nor gets anything for so long, is cut off; 0: never.',
  }),
  restore_interval: integer({
    default: 30,
    minimum: 0,
    unit: 'seconds',
    description: 'How often consoles that are switched on, but not open at their conductor, are looked for; 0: never.',
  }),
  log_directory: path({
    default: null,
    description:
      'Folder in which all that a console says is kept, a file NODE-UUID.log for each node. Unset: nothing is kept.',
  }),
  log_megabytes: integer({
    default: 10,
    minimum: 1,
    unit: 'MB',
    description: 'Size at which such a file becomes NODE-UUID.log.1 and a new one is begun.',
  }),
} as const;
