// The part of the call door that concerns what a BMC sets beside power and boot devices.
import { type Node, registeredError } from '@wrought/contract';
import {
  type ConsoleInterface,
  type ConsoleLine,
  type ConsoleLineOptions,
  type ManagementInterface,
  type Screen,
  type ScreenTicket,
  supportedInterface,
  type Task,
  unsupported,
} from '../drivers/kit/index.ts';
import type { CallDoor } from './doors.ts';
import type { EngineContext } from './engine/context.ts';
import { nodeTask, reservedTask } from './engine/node-task.ts';
import { screenRefused } from './screen-refused.ts';

type Calls = Pick<
  CallDoor,
  | 'injectNmi'
  | 'indicators'
  | 'getIndicator'
  | 'setIndicator'
  | 'virtualMedia'
  | 'consoleInfo'
  | 'joinConsole'
  | 'dropConsole'
>;

/** Seconds after which work that holds a node may have opened its console. */
const OPENING_RETRY_AFTER_SECONDS = 5;

/** A member of the management interface that not every one has. Throws UnsupportedDriverExtension. */
function need<Name extends 'injectNmi' | 'indicators' | 'virtualMedia'>(
  node: Node,
  management: ManagementInterface,
  name: Name,
  extension: string,
): NonNullable<ManagementInterface[Name]> {
  const member = management[name];
  if (member === undefined) {
    throw unsupported(node, management, extension);
  }
  return member;
}

/** Joins at the serial line. @throws RegisteredError where there is none, it is switched off, or can not be opened now */
function joinLine(task: Task, options: ConsoleLineOptions): Promise<ConsoleLine> {
  const { node } = task;
  const implementation: ConsoleInterface = supportedInterface(task, 'console');
  if (implementation.join === undefined) {
    throw unsupported(node, implementation, 'a serial console at a WebSocket');
  }
  if (!node.console_enabled) {
    throw registeredError('InvalidState', {
      reason: `The console of node ${node.uuid} is switched off. Switch it on with PUT /v1/nodes/${node.uuid}/states/console {"enabled": true}.`,
    });
  }
  // It may be about to be switched off, so it is not opened beside that work.
  if (node.reservation !== null && implementation.isOpen?.(node.uuid) === false) {
    throw registeredError(
      'TemporaryFailure',
      {
        reason: `The console of node ${node.uuid} is not open, and ${node.reservation} works on the node (${node.reserved_for ?? 'unnamed'}). Try again later.`,
      },
      { retryAfterSeconds: OPENING_RETRY_AFTER_SECONDS },
    );
  }
  return implementation.join(task, options);
}

/** Joins at the screen. @throws Unauthorized, whatever is wrong, to whoever has no ticket; and as `view` */
function viewScreen(task: Task, { token }: ScreenTicket): Promise<ConsoleLine> {
  const { node, interfaces } = task;
  const { console: implementation } = interfaces;
  const screen: Screen | undefined = implementation.supported ? implementation.screen : undefined;
  if (screen?.admits(node.uuid, token) !== true) {
    throw screenRefused();
  }
  return screen.view(task);
}

/** Makes these calls. */
export function createManagementCalls(context: EngineContext): Calls {
  return {
    injectNmi: (node) =>
      reservedTask(context, node, 'inject NMI', async ({ task }) => {
        const { management } = task.interfaces;
        const inject = need(node, management, 'injectNmi', 'inject_nmi');
        await management.validate(task);
        await inject(task);
      }),
    async indicators(node) {
      const { task } = await nodeTask(context, node);
      return need(node, task.interfaces.management, 'indicators', 'indicators').list(task);
    },
    getIndicator: (node, component, name) =>
      reservedTask(context, node, 'get indicator', ({ task }) =>
        need(node, task.interfaces.management, 'indicators', 'indicators').get(task, component, name),
      ),
    setIndicator: (node, component, name, state) =>
      reservedTask(context, node, 'set indicator', ({ task }) =>
        need(node, task.interfaces.management, 'indicators', 'indicators').set(task, component, name, state),
      ),
    async virtualMedia(node) {
      const { task } = await nodeTask(context, node);
      return need(node, task.interfaces.management, 'virtualMedia', 'virtual media').list(task);
    },
    async consoleInfo(node) {
      const { task } = await nodeTask(context, node);
      const { console: implementation } = task.interfaces;
      return node.console_enabled && implementation.supported ? implementation.info(task) : null;
    },
    async joinConsole(node, options) {
      const { task } = await nodeTask(context, node);
      return 'token' in options ? viewScreen(task, options) : joinLine(task, options);
    },
    async dropConsole(node) {
      const { task } = await nodeTask(context, node);
      const { console: implementation } = task.interfaces;
      if (implementation.supported) {
        await implementation.stop(task);
      }
    },
  };
}
