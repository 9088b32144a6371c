// Every field in every operation, right below its version and at it: derived from the declarations, so a new field is tested too.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  allocationResource,
  chassisResource,
  deployTemplateResource,
  type Field,
  inspectionRuleResource,
  nodeResource,
  portgroupResource,
  portResource,
  quirks,
  type Resource,
  runbookResource,
  volumeConnectorResource,
  volumeTargetResource,
} from '@wrought/contract';
import { getNode, updateNode } from '../src/store/nodes.ts';
import { startApi, type TestApi } from './api-fixture/server.ts';

const NODE = '0000000a-0000-4000-8000-000000000001';
/** The node of the port; the tests of nodes leave it alone. */
const PORT_NODE = '0000000a-0000-4000-8000-000000000002';
const PORT = '0000000d-0000-4000-8000-000000000001';
const PORTGROUP = '0000000b-0000-4000-8000-000000000001';
const CONNECTOR = '0000000e-0000-4000-8000-000000000001';
const TARGET = '0000000e-0000-4000-8000-000000000002';
const ALLOCATION = '0000000f-0000-4000-8000-000000000001';
const RUNBOOK = '00000011-0000-4000-8000-000000000001';
const runbookSteps = [{ interface: 'deploy', step: 'erase_devices', order: 1 }];
const RULE = '00000012-0000-4000-8000-000000000001';
const ruleActions = [{ op: 'add-trait', args: { name: 'CUSTOM_A' } }];
const CHASSIS = '0000000c-0000-4000-8000-000000000001';
const TEMPLATE = '00000010-0000-4000-8000-000000000001';

/** Version from which `fields=` exists. */
const FIELDS_SINCE = 8;

let api: TestApi;

before(async () => {
  api = await startApi();
  const step = { interface: 'deploy', step: 'write', args: {}, priority: 1 };
  for (const [path, body] of [
    ['chassis', { uuid: CHASSIS }],
    ['nodes', { uuid: NODE, driver: 'fake-hardware' }],
    ['nodes', { uuid: PORT_NODE, driver: 'fake-hardware' }],
    ['ports', { uuid: PORT, node_uuid: PORT_NODE, address: '52:54:00:00:00:01' }],
    ['portgroups', { uuid: PORTGROUP, node_uuid: PORT_NODE }],
    ['volume/connectors', { uuid: CONNECTOR, node_uuid: PORT_NODE, type: 'iqn', connector_id: 'a' }],
    ['volume/targets', { uuid: TARGET, node_uuid: PORT_NODE, volume_type: 'iscsi', boot_index: 0, volume_id: 'a' }],
    ['allocations', { uuid: ALLOCATION, resource_class: 'rc' }],
    ['inspection_rules', { uuid: RULE, actions: ruleActions }],
    ['runbooks', { uuid: RUNBOOK, name: 'CUSTOM_A', steps: runbookSteps }],
    ['deploy_templates', { uuid: TEMPLATE, name: 'CUSTOM_A', steps: [step] }],
  ] as const) {
    const { status, text } = await api.request('POST', `/v1/${path}`, { body });
    assert.equal(status, 201, text);
  }
  // Volumes change only while the machine is off.
  await api.store.transaction(async (trx) => {
    await updateNode(trx, await getNode(trx, PORT_NODE), { power_state: 'power off' });
  });
});
after(() => api.close());

/** Values that each field takes; what is not named here takes a text. */
const values: Readonly<Record<string, unknown>> = {
  uuid: '0000000a-0000-4000-8000-0000000000ff',
  instance_uuid: '000000ab-0000-4000-8000-000000000001',
  chassis_uuid: CHASSIS,
  node_uuid: PORT_NODE,
  node_ident: PORT_NODE,
  portgroup_uuid: null,
  address: '52:54:00:00:00:02',
  driver: 'fake-hardware',
  conductor_group: '',
  network_interface: 'noop',
  storage_interface: 'noop',
  owner: null,
  parent_node: null,
  protected_reason: null,
  retired_reason: null,
  steps: [{ interface: 'deploy', step: 'other', args: {}, priority: 2 }],
  phase: 'main',
  actions: ruleActions,
};

function valueFor(of: Resource, name: string, field: Field): unknown {
  if (of === runbookResource && name === 'steps') {
    return runbookSteps;
  }
  if (name in values) {
    return values[name];
  }
  switch (field.type.kind) {
    case 'flag':
      return false;
    case 'object':
      return {};
    case 'integer':
      return 7;
    case 'list':
      return [];
    default:
      // A trait for names that have to be one; below 1.10 node names are host names.
      return name.endsWith('_interface') ? 'fake' : of === nodeResource ? 'some-text' : 'CUSTOM_TEXT';
  }
}

interface Subject {
  readonly of: Resource;
  readonly path: string;
  readonly item: string;
  /** What a new object needs besides the field under test. */
  readonly needed: Readonly<Record<string, unknown>>;
  /** Fields whose version PATCH checks. */
  readonly checkedInPatch?: readonly string[];
  /** Version of PATCH where it came later. */
  readonly patchSince?: number;
  /** Lists show everything and take no `detail`. */
  readonly listsEverything?: true;
}

const subjects: readonly Subject[] = [
  { of: nodeResource, path: '/v1/nodes', item: NODE, needed: { driver: 'fake-hardware' } },
  {
    of: portResource,
    path: '/v1/ports',
    item: PORT,
    needed: { node_uuid: PORT_NODE, address: '52:54:00:00:00:03' },
    checkedInPatch: quirks.portFieldsCheckedInPatch,
  },
  { of: portgroupResource, path: '/v1/portgroups', item: PORTGROUP, needed: { node_uuid: PORT_NODE } },
  {
    of: volumeConnectorResource,
    path: '/v1/volume/connectors',
    item: CONNECTOR,
    needed: { node_uuid: PORT_NODE, type: 'iqn', connector_id: 'b' },
  },
  {
    of: volumeTargetResource,
    path: '/v1/volume/targets',
    item: TARGET,
    needed: { node_uuid: PORT_NODE, volume_type: 'iscsi', boot_index: 1, volume_id: 'b' },
  },
  {
    of: allocationResource,
    path: '/v1/allocations',
    item: ALLOCATION,
    needed: { resource_class: 'rc' },
    patchSince: 57,
    listsEverything: true,
  },
  { of: inspectionRuleResource, path: '/v1/inspection_rules', item: RULE, needed: { actions: ruleActions } },
  {
    of: runbookResource,
    path: '/v1/runbooks',
    item: RUNBOOK,
    needed: { name: 'CUSTOM_B', steps: runbookSteps },
  },
  { of: chassisResource, path: '/v1/chassis', item: CHASSIS, needed: {} },
  {
    of: deployTemplateResource,
    path: '/v1/deploy_templates',
    item: TEMPLATE,
    needed: { name: 'CUSTOM_B', steps: values.steps },
  },
];

for (const { of, path, item, needed, checkedInPatch, patchSince = 1, listsEverything } of subjects) {
  const oldest = of.since;
  const versionsAround = (since: number) => [since - 1, since].filter((minor) => minor >= oldest);
  const fields = Object.entries(of.fields);

  test(`${of.name}: fields are shown from their version on, in single and detailed answers`, async () => {
    for (const minor of new Set(fields.flatMap(([, { since }]) => versionsAround(since)))) {
      const version = `1.${minor}`;
      const expected = fields
        .filter(([, field]) => field.shown !== 'never' && field.since <= minor)
        .map(([name]) => name);
      const single = await api.request('GET', `${path}/${item}`, { version });
      assert.deepEqual(Object.keys(single.json).sort(), expected.toSorted(), version);
      const listed = fields.filter(([, field]) => field.shown === 'list' && field.since <= minor).map(([name]) => name);
      const list = await api.request('GET', path, { version });
      assert.deepEqual(Object.keys(list.json[of.collection][0]).sort(), listed.toSorted(), version);
      if (minor >= quirks.detailArgumentSince && listsEverything !== true) {
        const detailed = await api.request('GET', `${path}?detail=true`, { version });
        assert.deepEqual(Object.keys(detailed.json[of.collection][0]).sort(), expected.toSorted(), version);
      }
    }
  });

  test(`${of.name}: fields= and sort_key= know fields from their version on`, async () => {
    for (const [name, field] of fields) {
      for (const minor of versionsAround(Math.max(field.since, FIELDS_SINCE))) {
        const version = `1.${minor}`;
        const isOld = minor < field.since || minor < FIELDS_SINCE;
        const chosen = await api.request('GET', `${path}/${item}?fields=${name}`, { version });
        const where = `fields=${name} at ${version}: ${chosen.text}`;
        assert.equal(chosen.status, !field.selectable && minor >= FIELDS_SINCE ? 400 : isOld ? 406 : 200, where);
        if (chosen.status === 200) {
          const expected = new Set([name, 'links']);
          assert.deepEqual(new Set(Object.keys(chosen.json)), expected, where);
        }
        const sorted = await api.request('GET', `${path}?sort_key=${name}`, { version });
        const wanted = !field.sort ? 400 : minor < field.since ? 406 : 200;
        assert.equal(sorted.status, wanted, `sort_key=${name} at ${version}: ${sorted.text}`);
      }
    }
  });

  test(`${of.name}: create takes fields from their version on`, async () => {
    for (const [name, field] of fields) {
      // What names a node in use is tested with allocations.
      if (of === allocationResource && name === 'node') {
        continue;
      }
      for (const minor of versionsAround(field.since)) {
        const { [name]: _, ...others } = needed;
        const body = { ...others, [name]: valueFor(of, name, field) };
        if (name === 'node_ident') {
          delete (body as Record<string, unknown>).node_uuid;
        }
        const created = await api.request('POST', path, { version: `1.${minor}`, body });
        const expected = !field.create ? 400 : minor < field.since ? 406 : 201;
        const tolerated =
          expected === 406 && body[name] === null && quirks.nullNameToleratedOnCreate && name === 'name';
        assert.equal(created.status, tolerated ? 201 : expected, `${name} at 1.${minor}: ${created.text}`);
        if (created.status === 201) {
          // Only a node in maintenance may be deleted while it has an instance.
          if (name === 'instance_uuid') {
            await api.request('PUT', `${path}/${created.json.uuid}/maintenance`, { body: {} });
          }
          const { status } = await api.request('DELETE', `${path}/${created.json.uuid}`);
          assert.equal(status, 204);
        }
      }
    }
  });

  test(`${of.name}: PATCH takes fields from their version on, and refuses what it may not change`, async () => {
    for (const [name, field] of fields) {
      for (const minor of versionsAround(field.since).filter((each) => each >= patchSince)) {
        const value = valueFor(of, name, field);
        const isRefusedAsNull = value === null && (quirks.nullRefusedInPatch as readonly string[]).includes(name);
        if (isRefusedAsNull || (name === 'network_data' && field.patch)) {
          continue;
        }
        const body = [{ op: 'add', path: `/${name}`, value }];
        const patched = await api.request('PATCH', `${path}/${item}`, { version: `1.${minor}`, body });
        const isChecked = checkedInPatch === undefined || checkedInPatch.includes(name);
        const expected = !field.patch ? 400 : minor < field.since && isChecked ? 406 : 200;
        assert.equal(patched.status, expected, `${name} at 1.${minor}: ${patched.text}`);
      }
    }
    const names = fields.filter(([, field]) => field.patch).map(([name]) => name);
    const refused = await api.request('PATCH', `${path}/${item}`, { body: [{ op: 'add', path: '/nope', value: 1 }] });
    assert.ok(
      names.every((name) => refused.message.includes(name)),
      refused.message,
    );
  });

  test(`${of.name}: filters are known from their version on`, async () => {
    const { status } = await api.request('GET', path);
    assert.equal(status, 200);
    for (const [name, { since }] of Object.entries(of.filters)) {
      for (const minor of versionsAround(since)) {
        const answer = await api.request('GET', `${path}?${name}=x`, { version: `1.${minor}` });
        const isTooNew = answer.status === 406;
        assert.equal(
          isTooNew,
          minor < since || (name === 'node' && minor < 5),
          `${name} at 1.${minor}: ${answer.text}`,
        );
      }
    }
  });
}

test('values that had other names read so for older clients', async () => {
  const { status } = await api.request('POST', '/v1/nodes', {
    version: '1.10',
    body: { driver: 'fake-hardware', uuid: values.uuid },
  });
  assert.equal(status, 201);
  for (const [version, shown] of [
    ['1.1', null],
    ['1.2', 'available'],
  ] as const) {
    const { json } = await api.request('GET', `/v1/nodes/${values.uuid}`, { version });
    assert.equal(json.provision_state, shown, version);
  }
});
