// The serial console of a machine over its BMC (IPMI 2.0, section 15, Serial over LAN), offered at a TCP port.
import { isRegisteredError, registeredError } from '@wrought/contract';
import { type ConsoleRequest, portsOf, type SerialConsoles } from '../../console/serial-consoles.ts';
import type { ConsoleInterface, Task } from '../kit/index.ts';
import { endpointOf, readConnection } from './connection.ts';
import type { NativeIpmi } from './native/index.ts';
import { properties } from './properties.ts';

/** Console interface "ipmitool-socat": the name stands for what it offers, whoever does it. */
export function ipmiConsole(consoles: SerialConsoles, native: () => Promise<NativeIpmi>): ConsoleInterface {
  function portOf(task: Task): number | null {
    const { terminalPort } = readConnection(task.node);
    if (terminalPort === null && portsOf(task.config.console.port_range) === null) {
      throw registeredError('MissingParameterValue', {
        reason: `Node ${task.node.uuid} lacks driver_info/ipmi_terminal_port, the TCP port for its console. Set it with a PATCH of the node, or console.port_range for all.`,
      });
    }
    return terminalPort;
  }

  function requestOf(task: Task): ConsoleRequest {
    const { node, config } = task;
    const connection = readConnection(node);
    return {
      node: node.uuid,
      port: portOf(task),
      async open(signal) {
        const { sessions, activateSol } = await native();
        const session = sessions.dedicated(connection, config);
        try {
          const line = await activateSol(session, { signal, takeOver: true });
          // The BMC has few places for sessions: this one ends with its console.
          line.once('close', () => session.close().catch(() => {}));
          return line;
        } catch (error) {
          await session.close();
          throw error;
        }
      },
    };
  }

  /** @throws RegisteredError: those of the console, and DriverOperationError for everything else */
  async function opened<Result>({ node }: Task, work: () => Promise<Result>): Promise<Result> {
    const connection = readConnection(node);
    try {
      return await work();
    } catch (error) {
      if (isRegisteredError(error)) {
        throw error;
      }
      const reason = error instanceof Error ? error.message : String(error);
      throw registeredError('DriverOperationError', {
        driver: 'ipmitool-socat',
        reason: `the console of the BMC at ${endpointOf(connection)} can not be opened: ${reason}`,
      });
    }
  }

  const start = (task: Task) => opened(task, () => consoles.start(requestOf(task)));

  return {
    kind: 'console',
    name: 'ipmitool-socat',
    supported: true,
    properties,
    async validate(task) {
      portOf(task);
    },
    async start(task) {
      await start(task);
      return {};
    },
    async stop({ node }) {
      await consoles.stop(node.uuid);
      return {};
    },
    isOpen: (node) => consoles.isOpen(node),
    join: (task, options) => opened(task, () => consoles.join(requestOf(task), options)),
    async info(task) {
      // Open at another conductor that is gone, it is opened here now.
      const { host, port } = await start(task);
      return { type: 'socat', url: `tcp://${host.includes(':') ? `[${host}]` : host}:${port}` };
    },
  };
}
