// The deploy steps of deploy interface direct, from the ramdisk to the instance.
import { type JsonObject, type Node, registeredError } from '@wrought/contract';
import { configDriveForAgent, withNetworkData } from '../../boot/config-drive.ts';
import type { ServerEnvironment } from '../../boot/services.ts';
import { done, type Outcome, type ProbeAnswer, type Step, step, type Task } from '../kit/index.ts';
import { stepCommand } from './agent-steps.ts';
import { awaitAgent, bootAgent } from './boot-agent.ts';
import { agentClient } from './client.ts';
import { type AgentCommand, followCommand, probeCommand, startCommand } from './command.ts';
import { imageInfo, preparedImage } from './image-info.ts';
import { forgetImage } from './image-preparation.ts';
import { shutDownAgent, wasShutDown } from './shut-down-agent.ts';

const WRITE_IMAGE = { interface: 'deploy', step: 'write_image' } as const;

/** The node with what its network service knows now in a config drive that lacks it. @throws RegisteredError NetworkError */
async function describedNode(task: Task): Promise<Node> {
  const { node, config, interfaces } = task;
  const { disable_configdrive_check: isLeft, disable_metadata_mtu_check: noMtu } = config.conductor;
  const networkData = async () => (await interfaces.network.networkData?.(task)) ?? null;
  const configdrive = isLeft ? undefined : await withNetworkData(node, { needsMtu: !noMtu }, networkData);
  if (configdrive === undefined) {
    return node;
  }
  task.record({ kind: 'network', message: 'The network metadata of the config drive was made from the VIFs.' });
  return { ...node, instance_info: { ...node.instance_info, configdrive } };
}

async function writeImageCommand(task: Task): Promise<AgentCommand> {
  const { node, config } = task;
  const image = preparedImage(node);
  if (image === null) {
    throw registeredError('MissingParameterValue', {
      reason: `The image of node ${node.uuid} was not prepared. Start the deployment again.`,
    });
  }
  const configdrive = await configDriveForAgent(await describedNode(task));
  const args: JsonObject = {
    image_info: imageInfo(node, image, config),
    ...(configdrive === null ? {} : { configdrive }),
  };
  return stepCommand(task, 'deploy', WRITE_IMAGE, args);
}

/** The same command without its arguments: enough to find it again. */
const writeImageSought = (task: Task) => stepCommand(task, 'deploy', WRITE_IMAGE, {});

/** When the command is done the machine has its image. */
function written<Answer extends Outcome | ProbeAnswer>(answer: Answer): Answer {
  return typeof answer === 'object' && answer.kind === 'done' ? { ...answer, imageIsWritten: true } : answer;
}

const bootInstance = step({
  interface: 'deploy',
  step: 'boot_instance',
  kinds: ['deploy'],
  priority: 20,
  abortable: true,
  recovery: 'probe',
  async execute(task) {
    if (task.node.disable_power_off) {
      // The machine may not be powered off: the agent restarts it into its disk.
      await agentClient(task).post({ name: 'standby.run_image', params: {}, wait: false });
      return done({
        driver_internal_info: {
          agent_url: null,
          agent_secret_token: null,
          agent_verify_ca: null,
          agent_certificate: null,
        },
      });
    }
    await task.setPower('power on');
    return done();
  },
  async probe(task) {
    const isOn = (await task.interfaces.power.getPowerState(task)) === 'power on';
    const isBooted = isOn && typeof task.node.driver_internal_info.agent_url !== 'string';
    return isBooted ? done({ power_state: 'power on' }) : 'not happened';
  },
});

/** In order of priority. */
export const deploySteps = (environment: ServerEnvironment): readonly Step[] => [
  step({
    interface: 'deploy',
    step: 'deploy',
    kinds: ['deploy'],
    priority: 100,
    abortable: true,
    // Another power cycle into the ramdisk changes nothing that lasts.
    recovery: 'repeat',
    execute: bootAgent,
    resume: async (task) => awaitAgent(task),
  }),
  step({
    ...WRITE_IMAGE,
    kinds: ['deploy'],
    priority: 80,
    abortable: true,
    recovery: 'probe',
    execute: async (task) => written(await startCommand(task, await writeImageCommand(task))),
    resume: async (task) => written(await followCommand(task, writeImageSought(task))),
    probe: async (task) => written(await probeCommand(task, writeImageSought(task))),
  }),
  step({
    interface: 'deploy',
    step: 'prepare_instance_boot',
    kinds: ['deploy'],
    priority: 60,
    abortable: true,
    recovery: 'repeat',
    async execute(task) {
      task.learn(await forgetImage(task, environment));
      return done(await task.interfaces.boot.prepareInstance(task));
    },
  }),
  step({
    interface: 'deploy',
    step: 'tear_down_agent',
    kinds: ['deploy'],
    priority: 40,
    abortable: true,
    recovery: 'probe',
    execute: shutDownAgent,
    probe: wasShutDown,
  }),
  step({
    interface: 'deploy',
    step: 'switch_to_tenant_network',
    kinds: ['deploy'],
    priority: 30,
    abortable: true,
    recovery: 'repeat',
    async execute(task) {
      const { network } = task.interfaces;
      task.learn(await network.removeProvisioningNetwork(task));
      return done(await network.configureTenantNetworks(task));
    },
  }),
  bootInstance,
];
