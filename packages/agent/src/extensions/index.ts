// All extensions of the agent: a new one is its file and its line here.
import type { AgentContext, Extension } from './extension.ts';
import { imageExtension } from './image.ts';
import { logExtension } from './log.ts';
import { pollExtension } from './poll.ts';
import { rescueExtension } from './rescue.ts';
import { standbyExtension } from './standby.ts';
import { cleanExtension, deployExtension, serviceExtension } from './steps.ts';
import { systemExtension } from './system.ts';

const EXTENSIONS = [
  cleanExtension,
  deployExtension,
  serviceExtension,
  imageExtension,
  standbyExtension,
  logExtension,
  pollExtension,
  systemExtension,
  rescueExtension,
] as const;

/** Makes the extensions of an agent. */
export function createExtensions(agent: AgentContext): Extension[] {
  return EXTENSIONS.map((create) => create(agent));
}
