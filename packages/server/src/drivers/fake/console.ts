// The consoles that a fake machine has: one that is nothing but its switch, and one with a screen to look at.
import type { GraphicalConsoles } from '../../console/graphical-consoles.ts';
import type { ConsoleInterface } from '../kit/index.ts';
import { pretend } from './pretend.ts';

const noValidation = async () => {};

/** Console interface "fake". */
export const consoles: ConsoleInterface = {
  kind: 'console',
  name: 'fake',
  properties: {},
  supported: true,
  validate: noValidation,
  async start(task) {
    await pretend(task, 'console');
    return {};
  },
  async stop(task) {
    await pretend(task, 'console');
    return {};
  },
  info: async () => ({}),
};

/** Console interface "fake-graphical". */
export function fakeGraphicalConsole(screens: GraphicalConsoles): ConsoleInterface {
  return {
    kind: 'console',
    name: 'fake-graphical',
    properties: {},
    supported: true,
    validate: noValidation,
    async start(task) {
      await pretend(task, 'console');
      screens.start(task.node.uuid);
      return {};
    },
    async stop(task) {
      await pretend(task, 'console');
      screens.stop(task.node.uuid);
      return {};
    },
    isOpen: (node) => screens.isOpen(node),
    info: async ({ node }) => ({ type: 'vnc', url: screens.path(node.uuid) }),
    screen: {
      admits: (node, token) => screens.admits(node, token),
      isForsaken: (node) => screens.isForsaken(node),
      view: ({ node }) =>
        screens.view(node.uuid, async () => {
          const { openFakeScreen } = await import('./screen.ts');
          return openFakeScreen(node.name ?? node.uuid);
        }),
    },
  };
}
