// A deploy interface of the harness's own: the shape of a real one with as little as possible in it, agent included.
import type { CommandResult, JsonObject, StepDescription } from '@wrought/contract';
import {
  type AgentStepRunner,
  type DeployInterface,
  done,
  fail,
  type Outcome,
  park,
  step,
  type Task,
} from '../../src/drivers/kit/index.ts';
import { sendJson } from './recorder-client.ts';
import type { RecorderOf } from './recorder-driver.ts';

async function ask(task: Task, method: 'GET' | 'POST', body?: JsonObject): Promise<JsonObject> {
  const { agent_url: url, agent_secret_token: token } = task.node.driver_internal_info;
  return (await sendJson(`${url}/v1/commands?wait=false&agent_token=${token}`, method, body)) as JsonObject;
}

function isUp(task: Task): boolean {
  return typeof task.node.driver_internal_info.agent_url === 'string';
}

const firstHeartbeat = () => park('the first heartbeat of the agent');

const agent: AgentStepRunner = {
  async discover(task, kind) {
    const { command_result: result } = await ask(task, 'POST', { name: `${kind}.get_${kind}_steps`, params: {} });
    const offered = (result as { [key: string]: { recorder: StepDescription[] } })[`${kind}_steps`]?.recorder ?? [];
    return {
      agent_steps: offered.map((each) => ({
        ...each,
        abortable: each.abortable ?? false,
        requires_ramdisk: true,
        argsinfo: null,
        // An agent that declares nothing can still be asked for its commands.
        recovery: each.recovery ?? 'probe',
      })),
    };
  },
  async execute(task, kind, description, args) {
    await ask(task, 'POST', {
      name: `${kind}.execute_${kind}_step`,
      params: { step: { interface: description.interface, step: description.step, args } },
      idempotency_key: task.idempotencyKey,
    });
    return park(`the end of ${description.step}`);
  },
  resume: (task, kind, description) => look(task, kind, description, `the end of ${description.step}`),
  async probe(task, kind, description) {
    return (await commandOf(task, kind, description)) === undefined
      ? 'not happened'
      : look(task, kind, description, `the end of ${description.step}`);
  },
};

async function commandOf(task: Task, kind: string, wanted: StepDescription): Promise<CommandResult | undefined> {
  const { commands } = (await ask(task, 'GET')) as { commands: CommandResult[] };
  return commands.findLast((command) => {
    const { step: given } = (command.command_params ?? {}) as { step?: { interface: string; step: string } };
    return (
      command.command_name === `execute_${kind}_step` &&
      given?.interface === wanted.interface &&
      given.step === wanted.step
    );
  });
}

async function look(task: Task, kind: string, description: StepDescription, awaiting: string): Promise<Outcome> {
  const command = await commandOf(task, kind, description);
  switch (command?.command_status) {
    case 'RUNNING':
      return park(awaiting);
    case 'SUCCEEDED':
      return done();
    default:
      return fail(`The agent says "${command?.command_status ?? 'nothing'}" of ${description.step}.`);
  }
}

/** Makes the interface. */
export function recorderDeploy(recorder: RecorderOf): DeployInterface {
  const act = (task: Task, effect: string) => recorder(task).effect(task.idempotencyKey, effect);
  return {
    kind: 'deploy',
    name: 'recorder',
    properties: {},
    agent,
    validate: async () => {},
    steps: [
      step({
        interface: 'deploy',
        step: 'deploy',
        kinds: ['deploy'],
        priority: 100,
        abortable: true,
        recovery: 'repeat',
        async execute(task) {
          await task.setPower('rebooting');
          return firstHeartbeat();
        },
        resume: async (task) => (isUp(task) ? done({}, { agentIsUp: true }) : firstHeartbeat()),
      }),
      step({
        interface: 'deploy',
        step: 'write_disk',
        kinds: ['deploy'],
        priority: 80,
        recovery: 'probe',
        async execute(task) {
          await act(task, 'disk written');
          return done();
        },
        async probe(task) {
          const { facts } = await recorder(task).state();
          return facts.includes('disk written') ? done() : 'not happened';
        },
      }),
      step({
        interface: 'deploy',
        step: 'boot_instance',
        kinds: ['deploy'],
        priority: 20,
        recovery: 'repeat',
        async execute(task) {
          await task.interfaces.boot.prepareInstance(task);
          await task.interfaces.network.removeProvisioningNetwork(task);
          await task.interfaces.network.configureTenantNetworks(task);
          await task.setPower('rebooting');
          return done();
        },
      }),
    ],
    async prepare(task) {
      await task.interfaces.network.addProvisioningNetwork(task);
      await task.interfaces.boot.prepareRamdisk(task, 'deploy');
      return {};
    },
    async tearDown(task) {
      await task.setPower('power off');
      await task.interfaces.network.unconfigureTenantNetworks(task);
      return {};
    },
    async cleanUp(task) {
      await task.interfaces.boot.cleanUpRamdisk(task);
      await task.interfaces.boot.cleanUpInstance(task);
      return {};
    },
    takeOver: (task) => task.interfaces.boot.prepareInstance(task),
    service: {
      async prepare(task) {
        await task.interfaces.network.unconfigureTenantNetworks(task);
        await task.interfaces.network.addCleaningNetwork(task);
        await task.interfaces.boot.prepareRamdisk(task, 'service');
        await task.setPower('rebooting');
        return firstHeartbeat();
      },
      resume: async (task) => (isUp(task) ? done({}, { agentIsUp: true }) : firstHeartbeat()),
      async tearDown(task) {
        await task.setPower('power off');
        await task.interfaces.network.removeCleaningNetwork(task);
        await task.interfaces.network.configureTenantNetworks(task);
        await task.interfaces.boot.prepareInstance(task);
        await task.setPower('power on');
        return {};
      },
    },
    async prepareCleaning(task) {
      await task.interfaces.network.addCleaningNetwork(task);
      await task.interfaces.boot.prepareRamdisk(task, 'clean');
      await task.setPower('rebooting');
      return firstHeartbeat();
    },
    resumeCleaning: async (task) => (isUp(task) ? done({}, { agentIsUp: true }) : firstHeartbeat()),
    async tearDownCleaning(task) {
      await task.interfaces.boot.cleanUpRamdisk(task);
      await task.setPower('power off');
      await task.interfaces.network.removeCleaningNetwork(task);
      return {};
    },
  };
}
