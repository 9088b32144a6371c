// The machine of a conductor with folders of its own, and a driver whose machines boot by iPXE from there and wait for their agent.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Node, PowerState } from '@wrought/contract';
import { createBootServices, type ServerEnvironment } from '../../src/boot/services.ts';
import { loadConfig } from '../../src/config/index.ts';
import { type AnyInterface, type Driver, done, park } from '../../src/drivers/kit/index.ts';
import { ipxeBoot } from '../../src/drivers/pxe/ipxe.ts';
import { insertPort } from '../../src/store/port-list.ts';
import { timelineAfter } from '../../src/store/timeline.ts';
import { requester, silentLog, startConductor, type TestConductor } from './conductor.ts';
import { deployStep, scripted, scriptedDriver, waitingStep } from './scripted-driver.ts';

/** The network card of the node. */
export const bootMac = '52:54:00:12:34:56';

export interface BootMachine {
  readonly host: string;
  /** The HTTP root. */
  readonly root: string;
  readonly set: readonly string[];
  readonly environment: ServerEnvironment;
  readonly driver: Driver;
  /** What its BMCs were told, in order: power states and boot devices. */
  readonly told: string[];
}

/** Its BMC: power in memory, and boot devices that are only noted. */
function bmc(told: string[]): Driver {
  let state: PowerState = 'power off';
  return scriptedDriver(
    {
      prepare: (task) => task.interfaces.boot.prepareRamdisk(task, 'deploy'),
      cleanUp: (task) => task.interfaces.boot.cleanUpRamdisk(task),
      steps: [
        waitingStep('boot', 80, {
          async execute(task) {
            await task.setPower('rebooting');
            return park('the first heartbeat of the agent');
          },
        }),
        deployStep('prepare_instance', 60, async (task) => done(await task.interfaces.boot.prepareInstance(task))),
      ],
    },
    {
      getPowerState: async () => state,
      async setPowerState(_task, target) {
        state = target === 'power on' ? 'power on' : 'power off';
        told.push(state);
      },
    },
  );
}

export async function newBootMachine(
  t: TestContext,
  host: string,
  options: readonly string[] = [],
): Promise<BootMachine> {
  const directory = await mkdtemp(join(tmpdir(), `wrought-${host}-`));
  t.after(() => rm(directory, { recursive: true, force: true }));
  await writeFile(join(directory, 'kernel'), 'the kernel');
  await writeFile(join(directory, 'ramdisk'), 'the ramdisk');
  const set = [
    `conductor.host=${host}`,
    `deploy.http_root=${directory}/http`,
    `deploy.http_url=http://${host}:8088`,
    'api.public_endpoint=http://10.0.0.1:6385',
    `conductor.deploy_kernel=${directory}/kernel`,
    `conductor.deploy_ramdisk=${directory}/ramdisk`,
    ...options,
  ];
  const config = loadConfig({ dataDirectory: directory, set });
  const { environment } = await createBootServices({ config: () => config, log: silentLog });
  const told: string[] = [];
  const driver = bmc(told);
  const interfaces = driver.interfaces.map((each): AnyInterface => {
    if (each.kind === 'boot') {
      return { ...ipxeBoot(environment), name: 'scripted' };
    }
    return each.kind === 'management'
      ? { ...each, setBootDevice: async (_task, device) => void told.push(device) }
      : each;
  });
  return { host, root: join(directory, 'http'), set, environment, driver: { ...driver, interfaces }, told };
}

/** A conductor on this machine. */
export async function startOn(t: TestContext, machine: BootMachine, database: string): Promise<TestConductor> {
  const { set, drivers } = scripted(machine.driver, ...machine.set);
  return startConductor(t, { set, drivers, database, boot: machine.environment });
}

/** A node of it whose deployment waits for the agent. */
export async function waitingNode(server: TestConductor): Promise<Node> {
  const node = await server.node({ driver: 'scripted', provision_state: 'available' });
  await server.store.transaction((trx) => insertPort(trx, { uuid: randomUUID(), node_id: node.id, address: bootMac }));
  await server.conductor.doors.start.provision({ node, verb: 'active', requester });
  return server.untilState(node.uuid, 'wait call-back');
}

/** Waits until the timeline, which is written in batches, has these words. */
export async function untilSaid({ store }: TestConductor, { id }: Node, words: string): Promise<void> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const said = (await timelineAfter(store.read, id, 0, 100)).map(({ message }) => message);
    if (said.some((line) => line.includes(words))) {
      return;
    }
    assert.ok(performance.now() < deadline, said.join('\n'));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
