// All flows by name.
import { clean } from './clean.ts';
import { deploy } from './deploy.ts';
import type { Flow, FlowName } from './flow.ts';
import { power } from './power.ts';
import { tearDown } from './tear-down.ts';
import { verify } from './verify.ts';

export const flows: Readonly<Record<FlowName, Flow>> = { verify, clean, deploy, 'tear-down': tearDown, power };
