// PATCH of a port or port group that carries a VIF: the network service is told before it is written, and told back when it can not be.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { registeredError } from '@wrought/contract';
import type { CarrierChange } from '../src/drivers/kit/index.ts';
import { noopNetwork } from '../src/network/noop.ts';
import { insertPort } from '../src/store/port-list.ts';
import { insertPortgroup } from '../src/store/portgroups.ts';
import { startWholeApi } from './support/whole-api.ts';

const [OLD, NEW, TAKEN] = ['52:54:00:11:00:01', '52:54:00:11:00:02', '52:54:00:11:00:03'];
const carrying = { tenant_vif_port_id: 'vif' };

/** A node with a port and a port group that carry VIFs, on a network that notes what it is told, and refuses an address. */
async function start(t: TestContext) {
  const told: CarrierChange[] = [];
  const refused = { address: '' };
  const network = {
    ...noopNetwork,
    name: 'flat',
    async changeCarrier(_task: unknown, change: CarrierChange) {
      told.push(change);
      if (change.address === refused.address) {
        throw registeredError('NetworkError', { reason: 'the network service is away' });
      }
    },
  };
  const api = await startWholeApi(t, { drivers: [{ hardwareTypes: [], interfaces: [network] }] });
  const { node } = await api.pathOf({ network_interface: 'flat' });
  const [port, group] = [randomUUID(), randomUUID()];
  await api.store.transaction(async (trx) => {
    const base = { node_id: node.id, internal_info: carrying };
    await insertPort(trx, { ...base, uuid: port, address: OLD, name: 'one', extra: { 'client-id': 'ff' } });
    await insertPort(trx, { ...base, uuid: randomUUID(), address: TAKEN, name: 'other', internal_info: {} });
    await insertPortgroup(trx, { ...base, uuid: group, address: '52:54:00:22:00:01', mode: '802.3ad' });
  });
  const patch = (path: string, ...operations: object[]) => api.request('PATCH', path, { body: operations });
  return { ...api, told, refused, port, group, patch };
}

const replace = (path: string, value: unknown) => ({ op: 'replace', path, value });

test('what the VIF has of the port is told, and nothing else', async (t) => {
  const { told, port, group, patch } = await start(t);
  assert.equal((await patch(`/v1/ports/${port}`, replace('/description', 'x'))).status, 200);
  assert.deepEqual(told, []);
  const moved = await patch(`/v1/ports/${port}`, replace('/address', NEW), { op: 'remove', path: '/extra/client-id' });
  assert.deepEqual([moved.status, moved.json.address], [200, NEW]);
  assert.equal((await patch(`/v1/ports/${port}`, { op: 'add', path: '/extra/client-id', value: 'ee' })).status, 200);
  assert.equal((await patch(`/v1/portgroups/${group}`, replace('/address', '52:54:00:22:00:02'))).status, 200);
  assert.equal((await patch(`/v1/portgroups/${group}`, { op: 'remove', path: '/address' })).status, 200);
  assert.deepEqual(told, [
    { uuid: port, address: NEW, clientId: null },
    { uuid: port, clientId: 'ee' },
    { uuid: group, address: '52:54:00:22:00:02' },
  ]);
});

test('a port is not changed when the network service refuses, or when another port has the address', async (t) => {
  const { told, refused, port, patch, request } = await start(t);
  refused.address = NEW;
  const away = await patch(`/v1/ports/${port}`, replace('/address', NEW));
  assert.equal(away.status, 500);
  assert.match(away.text, /the network service is away/);
  assert.equal((await request('GET', `/v1/ports/${port}`)).json.address, OLD);
  assert.equal((await patch(`/v1/ports/${port}`, replace('/address', TAKEN))).status, 409);
  assert.equal(told.length, 1);
});

test('when the port can not be written after all, the network service is told back', async (t) => {
  const { told, port, patch } = await start(t);
  const failed = await patch(`/v1/ports/${port}`, replace('/address', NEW), replace('/name', 'other'));
  assert.equal(failed.status, 409, failed.text);
  assert.deepEqual(told, [
    { uuid: port, address: NEW },
    { uuid: port, address: OLD },
  ]);
});
