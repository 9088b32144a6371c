// The hardware type of the crash harness: every interface acts on the recorder, with steps of each kind of recovery.
import {
  type BootInterface,
  type Driver,
  done,
  fail,
  genericInterfaces,
  type InspectInterface,
  type ManagementInterface,
  type NetworkInterface,
  type PowerInterface,
  phaseMethods,
  type RaidInterface,
  type RescueInterface,
  type Step,
  step,
  type Task,
} from '../../src/drivers/kit/index.ts';
import { type RecorderClient, recorderClient } from './recorder-client.ts';
import { recorderDeploy } from './recorder-deploy.ts';

export type RecorderOf = (task: Task) => RecorderClient;

/** Makes the driver; it acts on the recorder at `url`. */
export function recorderDriver(url: string): Driver {
  const recorder: RecorderOf = (task) => recorderClient(url, task.node.uuid);
  const act = (task: Task, effect: string) => recorder(task).effect(task.idempotencyKey, effect);

  async function actFor(task: Task, effect: string) {
    await act(task, effect);
    return {};
  }

  async function wasRecorded(task: Task): Promise<boolean> {
    const { effects } = await recorder(task).report();
    return effects.some((each) => each.key === task.idempotencyKey);
  }

  const power: PowerInterface = {
    kind: 'power',
    name: 'recorder',
    properties: {},
    supportedTargets: ['power on', 'power off', 'rebooting', 'soft rebooting', 'soft power off'],
    canSync: true,
    validate: async () => {},
    getPowerState: async (task) => (await recorder(task).state()).power,
    setPowerState: (task, target) =>
      recorder(task).setPower(task.idempotencyKey, target === 'power on' ? 'power on' : 'power off'),
  };

  const management: ManagementInterface = {
    kind: 'management',
    name: 'recorder',
    properties: {},
    validate: async () => {},
    supportedBootDevices: async () => ['pxe', 'disk'],
    setBootDevice: (task, device) => act(task, `device ${device}`),
    getBootDevice: async () => ({ boot_device: null, persistent: null }),
    getBootMode: async () => 'bios',
    setBootMode: (task, mode) => act(task, `boot mode ${mode}`),
    setSecureBoot: (task, isOn) => act(task, `secure boot ${isOn}`),
    virtualMedia: {
      list: async () => [],
      attach: (task, medium) => act(task, `medium ${medium.device_type}`),
      detach: (task, types) => act(task, `no medium ${types.join()}`),
    },
    steps: [
      ...stepsOfEachRecovery('management', 'check', ['verify'], 30),
      step({
        interface: 'management',
        step: 'refuse',
        kinds: ['clean', 'deploy', 'service'],
        recovery: 'repeat',
        async execute(task) {
          await act(task, 'refuse');
          return fail('The machine refused.');
        },
      }),
    ],
  };

  const boot: BootInterface = {
    kind: 'boot',
    name: 'recorder',
    properties: {},
    validate: async () => {},
    prepareRamdisk: (task) => actFor(task, 'boot ramdisk'),
    cleanUpRamdisk: (task) => actFor(task, 'boot nothing after ramdisk'),
    prepareInstance: (task) => actFor(task, 'boot disk'),
    cleanUpInstance: (task) => actFor(task, 'boot nothing after instance'),
  };

  const network: NetworkInterface = {
    kind: 'network',
    name: 'recorder',
    properties: {},
    validate: async () => {},
    ...phaseMethods(
      (task, phase) => actFor(task, `network+ ${phase}`),
      (task, phase) => actFor(task, `network- ${phase}`),
    ),
    configureTenantNetworks: (task) => actFor(task, 'network+ tenant'),
    unconfigureTenantNetworks: (task) => actFor(task, 'network- tenant'),
    attachVif: (task, vif) => actFor(task, `vif+ ${vif.id}`),
    detachVif: (task, vifId) => actFor(task, `vif- ${vifId}`),
    listVifs: async (task) => (await recorder(task).state()).vifs.map((id) => ({ id })),
  };

  /** Three steps that do the same and declare "repeat", "probe" and "never". */
  function stepsOfEachRecovery(
    kind: Step['interface'],
    name: string,
    kinds: Step['kinds'],
    priority: number,
  ): readonly Step[] {
    return (['repeat', 'probe', 'never'] as const).map((recovery, index) => {
      const effect = `${kind} ${name} ${recovery}`;
      return step({
        interface: kind,
        step: `${name}_${recovery}`,
        kinds,
        priority: priority - index,
        recovery,
        async execute(task) {
          await act(task, effect);
          return done();
        },
        probe: async (task) => ((await wasRecorded(task)) ? done() : 'not happened'),
      });
    });
  }

  const raid: RaidInterface = {
    kind: 'raid',
    name: 'recorder',
    properties: {},
    supported: true,
    validate: async () => {},
    steps: [
      ...stepsOfEachRecovery('raid', 'build', ['clean', 'deploy'], 56),
      ...stepsOfEachRecovery('raid', 'rebuild', ['service'], 0),
    ],
  };

  const inspect: InspectInterface = {
    kind: 'inspect',
    name: 'recorder',
    properties: {},
    supported: true,
    validate: async () => {},
    async inspect(task) {
      await act(task, 'inspected');
      return task.node.extra.refuses === true ? fail('The machine shows nothing.') : done();
    },
    abort: (task) => actFor(task, 'inspection ended'),
  };

  const rescue: RescueInterface = {
    kind: 'rescue',
    name: 'recorder',
    properties: {},
    supported: true,
    validate: async () => {},
    async rescue(task) {
      await task.interfaces.boot.prepareRamdisk(task, 'rescue');
      await task.setPower('rebooting');
      return task.node.extra.refuses === true ? fail('The ramdisk does not boot.') : done();
    },
    password: {
      async set(task) {
        await act(task, 'password set');
        return done();
      },
      probe: async (task) => ((await wasRecorded(task)) ? done() : 'not happened'),
    },
    finish: (task) => actFor(task, 'network+ tenant'),
    async unrescue(task) {
      await task.interfaces.boot.prepareInstance(task);
      await task.setPower('rebooting');
      return {};
    },
    cleanUp: (task) => actFor(task, 'boot nothing after rescue'),
  };

  return {
    hardwareTypes: [
      {
        name: 'recorder',
        supported: {
          ...genericInterfaces,
          power: ['recorder'],
          management: ['recorder'],
          boot: ['recorder'],
          network: ['recorder'],
          deploy: ['recorder', 'direct'],
          raid: ['recorder'],
          inspect: ['recorder'],
          console: ['fake'],
          rescue: ['recorder', 'agent'],
        },
      },
    ],
    interfaces: [power, management, boot, network, raid, inspect, rescue, recorderDeploy(recorder)],
  };
}
