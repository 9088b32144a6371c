// Deploy interface direct: the agent in the machine's ramdisk downloads the image and writes it to the disk.
import { checkBootMode } from '../../boot/boot-mode.ts';
import { checkConfigDrive } from '../../boot/config-drive.ts';
import type { ServerEnvironment } from '../../boot/services.ts';
import type { DeployInterface, Outcome, Task } from '../kit/index.ts';
import { agentSteps } from './agent-steps.ts';
import { awaitAgent, bootAgent } from './boot-agent.ts';
import { deploySteps } from './deploy-steps.ts';
import { eraseOptions } from './erase-options.ts';
import { forgetImage, imageServer, localImage, prepareImage, validateImage } from './image-preparation.ts';

const properties = {
  image_http_proxy: 'Proxy through which the agent downloads over http.',
  image_https_proxy: 'Proxy through which the agent downloads over https.',
  image_no_proxy: 'Comma-separated hosts that need no proxy.',
  image_download_source: 'Where the agent takes the image from: "http" its own server, "local" a copy of this server.',
  agent_verify_ca: 'How the certificate of an agent is verified that sends none: true, false, or a CA file.',
  deploy_forces_oob_reboot: 'Power off by the BMC alone at the end of the deployment. Default: false.',
} as const;

async function powerOff(task: Task): Promise<void> {
  if (!task.node.disable_power_off) {
    await task.setPower('power off');
  }
}

/** Off, and up again in the agent's ramdisk. */
async function bootForSteps(task: Task, purpose: 'clean' | 'service'): Promise<Outcome> {
  const { boot, network } = task.interfaces;
  await powerOff(task);
  task.learn(await (purpose === 'clean' ? network.addCleaningNetwork(task) : network.addServicingNetwork(task)));
  if (purpose === 'clean') {
    task.learn({ driver_internal_info: eraseOptions(task.config) });
  }
  task.learn(await boot.prepareRamdisk(task, purpose));
  return bootAgent(task);
}

async function leaveRamdisk(task: Task): Promise<void> {
  await powerOff(task);
  task.learn(await task.interfaces.boot.cleanUpRamdisk(task));
}

export function directDeploy(environment: ServerEnvironment): DeployInterface {
  return {
    kind: 'deploy',
    name: 'direct',
    properties,
    steps: deploySteps(environment),
    agent: agentSteps,
    imageServer,
    local: localImage(environment),
    async validate(task) {
      await task.interfaces.boot.validate(task);
      checkBootMode(task.node, task.config);
      checkConfigDrive(task.node);
      await validateImage(task);
    },
    async prepare(task) {
      const { boot, network } = task.interfaces;
      task.learn(await prepareImage(task, environment));
      await powerOff(task);
      task.learn(await network.unconfigureTenantNetworks(task));
      task.learn(await network.addProvisioningNetwork(task));
      return boot.prepareRamdisk(task, 'deploy');
    },
    async tearDown(task) {
      await powerOff(task);
      return task.interfaces.network.unconfigureTenantNetworks(task);
    },
    async cleanUp(task) {
      const { boot, network } = task.interfaces;
      task.learn(await boot.cleanUpRamdisk(task));
      task.learn(await boot.cleanUpInstance(task));
      task.learn(await network.removeProvisioningNetwork(task));
      return forgetImage(task, environment);
    },
    prepareCleaning: (task) => bootForSteps(task, 'clean'),
    resumeCleaning: async (task) => awaitAgent(task),
    async tearDownCleaning(task) {
      await leaveRamdisk(task);
      task.learn(await task.interfaces.network.removeCleaningNetwork(task));
      const voided = Object.keys(eraseOptions(task.config)).map((key) => [key, null]);
      return { driver_internal_info: Object.fromEntries(voided) };
    },
    takeOver: (task) => task.interfaces.boot.prepareInstance(task),
    service: {
      async prepare(task) {
        await powerOff(task);
        task.learn(await task.interfaces.network.unconfigureTenantNetworks(task));
        return bootForSteps(task, 'service');
      },
      resume: async (task) => awaitAgent(task),
      async tearDown(task) {
        const { boot, network } = task.interfaces;
        await leaveRamdisk(task);
        task.learn(await network.removeServicingNetwork(task));
        task.learn(await network.configureTenantNetworks(task));
        task.learn(await boot.prepareInstance(task));
        await task.setPower('power on');
        return {};
      },
    },
  };
}
