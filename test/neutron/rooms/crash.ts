// A process is killed around every request with which it changes Neutron; the next one brings both sides to the same again.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { insertNode } from '../../../packages/server/src/store/nodes.ts';
import { insertPort } from '../../../packages/server/src/store/port-list.ts';
import { portsOfNode } from '../../../packages/server/src/store/ports.ts';
import {
  type Action,
  act,
  actions,
  type CrashOptions,
  type Running,
  untilRest,
  withConductor,
} from '../crash-conductor.ts';
import { type KillingProxy, startKillingProxy } from '../killing-proxy.ts';
import { cloud } from '../shared-cloud.ts';

let proxy: KillingProxy;
before(async () => {
  proxy = await startKillingProxy(cloud.neutron.url);
});
after(async () => {
  await proxy?.close();
});

const child = fileURLToPath(new URL('../crash-child.ts', import.meta.url));
let machines = 0;

/** A machine with a port, and with what the action needs: a VIF that is attached, an instance. */
async function prepare({ store, conductor }: Running, options: CrashOptions, action: Action): Promise<void> {
  const interfaces = conductor.doors.call.resolveInterfaces('fake-hardware', {
    network_interface: 'neutron',
    deploy_interface: 'direct',
  });
  machines += 1;
  const address = `52:54:00:cc:00:${machines.toString(16).padStart(2, '0')}`;
  await store.transaction(async (trx) => {
    const { id } = await insertNode(trx, {
      uuid: options.node,
      driver: 'fake-hardware',
      provision_state: action === 'tear down' ? 'active' : 'available',
      automated_clean: false,
      ...interfaces,
    });
    await insertPort(trx, {
      uuid: randomUUID(),
      node_id: id,
      address,
      pxe_enabled: true,
      local_link_connection: { switch_id: '52:54:00:ff:00:01', port_id: `eth1/${machines}`, switch_info: 'leaf1' },
    });
  });
  if (action !== 'attach') {
    await act({ store, conductor }, options, 'attach');
  }
}

interface Sides {
  readonly state: string;
  /** What the server says the machine has. */
  readonly vifs: readonly string[];
  /** Whether the port notes anything. */
  readonly isSettled: boolean;
  readonly isBoundInNeutron: boolean;
  readonly hasAddressInNeutron: boolean;
}

/** Both sides after another process had its chance. */
async function recover(options: CrashOptions): Promise<Sides> {
  return withConductor(options, async (running) => {
    const node = await untilRest(running, options.node);
    await running.conductor.repairVifs();
    const [port] = await portsOfNode(running.store.read, node.id);
    const vif = await cloud.port(options.vif);
    return {
      state: node.provision_state,
      vifs: (await running.conductor.doors.call.listVifs(node)).map(({ id }) => id),
      isSettled: Object.keys(port?.internal_info ?? {}).every((key) => key === 'tenant_vif_port_id'),
      isBoundInNeutron: vif['binding:host_id'] === options.node,
      hasAddressInNeutron: vif.mac_address === port?.address,
    };
  });
}

async function newOptions(): Promise<CrashOptions> {
  const directory = mkdtempSync(join(tmpdir(), 'wrought-neutron-crash-'));
  const { id } = await cloud.newVif();
  const set = [...cloud.set, `neutron.endpoint_override=${proxy.url}`];
  return { directory, set, node: randomUUID(), vif: id };
}

/** Does the action in a process of its own; true when it was killed. */
async function runChild(
  options: CrashOptions,
  action: Action,
  write: number,
  when: 'before' | 'after',
): Promise<boolean> {
  const given = JSON.stringify({ ...options, action });
  const started = spawn(process.execPath, [child, given], { stdio: ['ignore', 'inherit', 'inherit'] });
  proxy.arm(write, when, () => started.kill('SIGKILL'));
  const [code, signal] = (await once(started, 'exit')) as [number | null, string | null];
  proxy.disarm();
  assert.ok(signal === 'SIGKILL' || code === 0, `the process ended with ${code ?? signal}`);
  return signal === 'SIGKILL';
}

const agreement = ({ vifs, isBoundInNeutron, hasAddressInNeutron, isSettled }: Sides, vif: string) => {
  const isAttached = vifs.includes(vif);
  assert.equal(isBoundInNeutron, isAttached);
  assert.equal(hasAddressInNeutron, isAttached);
  assert.equal(isSettled, true);
};

let kills = 0;
for (const action of actions) {
  test(`${action}: cut off around every write`, async (t) => {
    const undisturbed = await newOptions();
    const writes = await withConductor(undisturbed, async (running) => {
      await prepare(running, undisturbed, action);
      proxy.disarm();
      await act(running, undisturbed, action);
      return proxy.writes();
    });
    const expected = await recover(undisturbed);
    agreement(expected, undisturbed.vif);
    const isKept = action === 'attach' || action === 'change address';
    assert.equal(expected.vifs.length, isKept ? 1 : 0);
    assert.ok(writes > 0);
    rmSync(undisturbed.directory, { recursive: true, force: true });
    for (let write = 1; write <= writes; write += 1) {
      for (const when of ['before', 'after'] as const) {
        await t.test(`${when} write ${write} of ${writes}`, async () => {
          const options = await newOptions();
          await withConductor(options, (running) => prepare(running, options, action));
          assert.equal(await runChild(options, action, write, when), true, 'the process was killed there');
          kills += 1;
          const sides = await recover(options);
          agreement(sides, options.vif);
          assert.equal(sides.state, expected.state);
          // Nothing of an instance stays, and what was cut off can be asked for again.
          if (action === 'attach') {
            await withConductor(options, (running) => act(running, options, 'attach'));
            assert.deepEqual(await recover(options), expected && { ...expected, vifs: [options.vif] });
          } else {
            assert.deepEqual(sides.vifs, isKept ? [options.vif] : []);
          }
          rmSync(options.directory, { recursive: true, force: true });
        });
      }
    }
  });
}

test('nothing is left in Neutron but the VIFs of the tenant', async () => {
  assert.ok(kills > 0);
  const owners = new Set((await cloud.ports()).map(({ device_owner }) => device_owner));
  assert.deepEqual([...owners], ['']);
  console.log(`neutron crashes: ${kills} processes killed, both sides agreed after each`);
});
