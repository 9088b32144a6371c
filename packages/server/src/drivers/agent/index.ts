// Deployment by an agent in the machine's ramdisk.
import type { ServerEnvironment } from '../../boot/services.ts';
import { defineDriver } from '../kit/index.ts';
import { directDeploy } from './direct.ts';
import { agentInspect } from './inspect.ts';
import { agentRescue } from './rescue.ts';

export default defineDriver<ServerEnvironment>((environment) => ({
  hardwareTypes: [],
  interfaces: [directDeploy(environment), agentInspect, agentRescue],
}));
