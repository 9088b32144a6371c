// The screen of a machine whose BMC shows it over the Remote Framebuffer Protocol (VNC).
import { isRegisteredError, registeredError } from '@wrought/contract';
import type { GraphicalConsoles } from '../../console/graphical-consoles.ts';
import type { ConsoleInterface, Task } from '../kit/index.ts';
import type { RedfishBmc } from './bmc/index.ts';
import { endpointOf, readConnection } from './connection.ts';
import { properties } from './properties.ts';
import { readVnc, vncProperties } from './vnc.ts';

const NAME = 'redfish-graphical';

/** Console interface "redfish-graphical". */
export function redfishConsole(consoles: GraphicalConsoles, load: () => Promise<RedfishBmc>): ConsoleInterface {
  function check({ node, config }: Task): void {
    readConnection(node, config);
    readVnc(node);
    if (!config.vnc.enabled) {
      throw registeredError('InvalidParameterValue', {
        reason: `Node ${node.uuid} has the console interface ${NAME}, and vnc.enabled is false. Set it, or choose another console_interface.`,
      });
    }
  }

  /** @throws RegisteredError: those of the BMC, and DriverOperationError for everything else */
  async function explained<Result>({ node, config }: Task, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      if (isRegisteredError(error)) {
        throw error;
      }
      const bmc = endpointOf(readConnection(node, config));
      const reason = `the screen of the machine behind the BMC at ${bmc} can not be had: ${error instanceof Error ? error.message : String(error)}.`;
      throw registeredError('DriverOperationError', { driver: NAME, reason });
    }
  }

  return {
    kind: 'console',
    name: NAME,
    supported: true,
    properties: { ...properties, ...vncProperties },
    async validate(task) {
      check(task);
    },
    async start(task) {
      check(task);
      const { screen } = await load();
      await explained(task, () => screen.find(task));
      consoles.start(task.node.uuid);
      return {};
    },
    async stop({ node }) {
      consoles.stop(node.uuid);
      return {};
    },
    isOpen: (node) => consoles.isOpen(node),
    info: async ({ node }) => ({ type: 'vnc', url: consoles.path(node.uuid) }),
    screen: {
      admits: (node, token) => consoles.admits(node, token),
      isForsaken: (node) => consoles.isForsaken(node),
      async view(task) {
        const { screen } = await load();
        return explained(task, () => consoles.view(task.node.uuid, (signal) => screen.open(task, signal)));
      },
    },
  };
}
