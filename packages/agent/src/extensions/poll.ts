// The extension poll: for a server that asks for the inventory instead of being told.
import { readInventory } from '../hardware/inventory.ts';
import { requireObject, toNode } from '../params.ts';
import { type AgentContext, type Extension, synchronous } from './extension.ts';

/** `poll.get_hardware_info`, `poll.set_node_info`. */
export function pollExtension(agent: AgentContext): Extension {
  return {
    name: 'poll',
    commands: {
      get_hardware_info: synchronous(async () => readInventory(agent)),
      set_node_info: synchronous(async (params) => {
        const info = requireObject(params, 'node_info');
        agent.node = toNode(info.node ?? info);
        return null;
      }),
    },
  };
}
