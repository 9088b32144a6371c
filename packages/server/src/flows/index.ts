// All flows by name.
import { abortService } from './abort-service.ts';
import { adopt } from './adopt.ts';
import { bootMode } from './boot-mode.ts';
import { clean } from './clean.ts';
import { consoles } from './console.ts';
import { deploy } from './deploy.ts';
import type { Flow, FlowName } from './flow.ts';
import { inspect } from './inspect.ts';
import { power } from './power.ts';
import { rescue } from './rescue.ts';
import { service } from './service.ts';
import { tearDown } from './tear-down.ts';
import { unrescue } from './unrescue.ts';
import { verify } from './verify.ts';
import { virtualMedia } from './virtual-media.ts';

export const flows: Readonly<Record<FlowName, Flow>> = {
  verify,
  inspect,
  adopt,
  clean,
  deploy,
  rescue,
  unrescue,
  service,
  'abort-service': abortService,
  'tear-down': tearDown,
  power,
  'boot-mode': bootMode,
  console: consoles,
  'virtual-media': virtualMedia,
};
