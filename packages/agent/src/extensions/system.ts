// The extension system: lets go of a machine that may not be powered off.
import { type AgentContext, type Extension, synchronous } from './extension.ts';

/** `system.lockdown`: no heartbeats and no commands from now on. */
export function systemExtension(agent: AgentContext): Extension {
  return {
    name: 'system',
    commands: {
      lockdown: synchronous(async () => {
        agent.lockdown();
        return null;
      }),
    },
  };
}
