// A VIF is detached while others hold the node, once its instance is going or gone; while the instance runs it waits for the lock.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { isRegisteredError } from '@wrought/contract';
import { loadConfig } from '../src/config/index.ts';
import { flatNetwork } from '../src/network/flat.ts';
import { createCloud } from '../src/openstack/cloud.ts';
import { findNodeById, updateNode } from '../src/store/nodes.ts';
import { insertPort } from '../src/store/port-list.ts';
import { portsOfNode } from '../src/store/ports.ts';
import { startConductor } from './support/conductor.ts';
import { testOnBoth } from './support/databases.ts';

testOnBoth('detaching does not wait for cleaning, and waits for work on an instance', async (t) => {
  const flat = flatNetwork(createCloud(loadConfig()));
  const {
    conductor,
    store,
    node: create,
  } = await startConductor(t, {
    drivers: [{ hardwareTypes: [], interfaces: [flat] }],
    set: ['conductor.node_locked_retry_attempts=1', 'conductor.node_locked_retry_interval=0.05'],
  });
  const { call } = conductor.doors;
  for (const state of ['cleaning', 'active'] as const) {
    const { id } = await create({ provision_state: state, network_interface: 'flat' });
    const address = state === 'active' ? '52:54:00:dd:00:01' : '52:54:00:dd:00:02';
    await store.transaction((trx) => insertPort(trx, { uuid: randomUUID(), node_id: id, address, pxe_enabled: true }));
    const read = async () => {
      const node = await findNodeById(store.read, id);
      assert.ok(node !== undefined);
      return node;
    };
    await call.attachVif(await read(), { id: state }, { userToken: null });
    await store.transaction(async (trx) => {
      await updateNode(trx, await read(), { reservation: 'another', reserved_for: state });
    });
    if (state === 'active') {
      await assert.rejects(call.detachVif(await read(), state), (error) => isRegisteredError(error, 'NodeLocked'));
      assert.deepEqual(await call.listVifs(await read()), [{ id: state }]);
    } else {
      await call.detachVif(await read(), state);
      assert.deepEqual((await portsOfNode(store.read, id))[0]?.internal_info, {});
      assert.equal((await read()).reservation, 'another');
    }
  }
});
