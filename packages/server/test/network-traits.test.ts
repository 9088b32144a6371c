// Networking by traits: expressions with the places of their mistakes, the file, and what is chosen for a VIF.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import type { Portgroup } from '@wrought/contract';
import fc from 'fast-check';
import { storeFacts } from '../src/flows/engine/apply-facts.ts';
import { DEFAULT_TRAIT, parseTraits, readTraits, TraitFileProblem } from '../src/network/traits/file.ts';
import { type Filter, FilterProblem, type FilterSubject, parseFilter, passes } from '../src/network/traits/filter.ts';
import { planAttachment, traitsOf } from '../src/network/traits/plan.ts';
import { carriersOf } from '../src/network/vif-binding.ts';
import { insertPort } from '../src/store/port-list.ts';
import { portgroupsOfNode } from '../src/store/portgroups.ts';
import { portsOfNode } from '../src/store/ports.ts';
import { startConductor } from './support/conductor.ts';
import { testOnBoth } from './support/databases.ts';
import { testPort } from './support/task.ts';

const dynamicGroup: Portgroup = {
  id: 0,
  uuid: '',
  node_id: 0,
  node_uuid: '',
  address: null,
  name: null,
  extra: {},
  internal_info: {},
  standalone_ports_supported: true,
  mode: '802.3ad',
  properties: {},
  physical_network: null,
  category: null,
  dynamic_portgroup: true,
  created_at: '2026-01-01T00:00:00.000Z',
  updated_at: null,
};

const subject = (
  port: Partial<FilterSubject['port']> = {},
  network: Partial<FilterSubject['network']> = {},
): FilterSubject => ({
  port: { is_port: true, address: null, category: null, physical_network: null, vendor: null, ...port },
  network: { name: null, tags: [], ...network },
});

const holds = (text: string, about: FilterSubject) => passes(parseFilter(text), about);

test('expressions are asked of a port and a network', () => {
  const about = subject({ vendor: 'green', category: 'b' }, { name: 'storage-1', tags: ['fast', 'red.1'] });
  const cases: readonly (readonly [string, boolean])[] = [
    ["port.vendor == 'green'", true],
    ["port.vendor != 'green'", false],
    ["port.category >= 'b' && port.category <= 'b'", true],
    ["port.category > 'b' || port.category < 'b'", false],
    ["network.name =~ 'storage'", true],
    ["network.tags == 'fast'", true],
    ["network.tags =~ 'red'", true],
    ["network.tags != 'fast'", false],
    ["network.tags != 'slow'", true],
    ['port.is_port', true],
    ['port.is_portgroup', false],
    ["port.physical_network != 'x'", false],
    ['port.is_portgroup && port.is_portgroup || port.is_port', true],
    ['port.is_portgroup && (port.is_portgroup || port.is_port)', false],
    ["(((port.vendor=='green')))&&network.name=='storage-1'", true],
  ];
  for (const [text, expected] of cases) {
    assert.equal(holds(text, about), expected, text);
  }
  assert.equal(holds("network.tags != 'slow'", subject()), false, 'what has no value passes nothing');
});

test('mistakes are told with their places and with what is allowed there', () => {
  const cases: readonly (readonly [string, number, RegExp])[] = [
    ['', 1, /the end stands where a variable/],
    ["port.vendr == 'x'", 1, /no variable "port\.vendr"; allowed: network\.name,/],
    ["port.vendor = 'x'", 13, /"=" is no part of an expression/],
    ["port.vendor 'x'", 13, /"'x'" stands where a comparator of port\.vendor/],
    ['port.vendor == x', 16, /"x" stands where a text in single quotes/],
    ["port.vendor == 'a b'", 18, /" " can not be in a text/],
    ["port.vendor == 'ab", 16, /no closing quote/],
    ['port.is_port && ', 17, /the end stands where a variable/],
    ['(port.is_port || port.is_portgroup', 35, /the parenthesis of character 1 is open/],
    ['port.is_port port.is_port', 14, /stands where "&&", "\|\|" or the end/],
    ["network.tags > 'a'", 14, /allowed: == != =~/],
    ['port.is_port)', 13, /"\)" stands where "&&"/],
    [`${'('.repeat(60)}port.is_port`, 51, /more than 50 parentheses/],
  ];
  for (const [text, character, message] of cases) {
    assert.throws(
      () => parseFilter(text),
      (error) => error instanceof FilterProblem && error.at + 1 === character && message.test(error.message),
      text,
    );
  }
});

/** The expression as text; every part of it in parentheses. */
function written(filter: Filter): string {
  switch (filter.kind) {
    case 'function':
      return filter.name;
    case 'comparison':
      return `${filter.variable} ${filter.comparator}'${filter.literal}'`;
    default:
      return filter.parts.map((part) => `(${written(part)})`).join(filter.kind === 'or' ? ' || ' : '&&');
  }
}

const filters: fc.Arbitrary<Filter> = fc.letrec<{ filter: Filter; leaf: Filter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 4 },
    tie('leaf'),
    fc.record({
      kind: fc.constantFrom('or' as const, 'and' as const),
      parts: fc.array(tie('filter'), { minLength: 2, maxLength: 3 }),
    }),
  ),
  leaf: fc.oneof(
    fc.record({
      kind: fc.constant('function' as const),
      name: fc.constantFrom('port.is_port' as const, 'port.is_portgroup' as const),
    }),
    fc.record({
      kind: fc.constant('comparison' as const),
      variable: fc.constantFrom('network.name' as const, 'port.vendor' as const, 'port.address' as const),
      comparator: fc.constantFrom('==' as const, '!=' as const, '>=' as const, '<' as const, '=~' as const),
      literal: fc.stringMatching(/^[A-Za-z0-9_.-]{0,5}$/),
    }),
  ),
})).filter;

test('any expression is read as it was written, and any text is read or refused with a place in it', () => {
  fc.assert(fc.property(filters, (filter) => assert.deepEqual(parseFilter(written(filter)), structuredClone(filter))));
  const words = fc.constantFrom('port.is_port', 'port.vendor', '==', '&&', '||', '(', ')', "'a'", "'", '!', ' ', 'x');
  fc.assert(
    fc.property(
      fc.array(words, { maxLength: 12 }).map((list) => list.join('')),
      (text) => {
        try {
          parseFilter(text);
        } catch (error) {
          assert.ok(error instanceof FilterProblem && error.at >= 0 && error.at <= text.length, String(error));
        }
      },
    ),
  );
});

test('the file is read whole, in the order in which traits are tried, or refused by name', async () => {
  const traits = await parseTraits(
    [
      'CUSTOM_B: { actions: [{ action: attach_port, filter: "port.is_port" }] }',
      'CUSTOM_A: { actions: [{ action: attach_port, filter: "port.is_port", max_count: 2 }] }',
      'CUSTOM_Z: { order: 0, actions: [{ action: bond_ports, filter: "port.is_port", min_count: 2, max_count: 4 }] }',
    ].join('\n'),
  );
  assert.deepEqual(
    traits.map(({ name, actions }) => [name, actions[0]?.minimum, actions[0]?.maximum]),
    [
      ['CUSTOM_Z', 2, 4],
      ['CUSTOM_A', 1, 2],
      ['CUSTOM_B', 1, null],
    ],
  );
  assert.deepEqual(await parseTraits(''), []);
  const action = (members: string) => `CUSTOM_A: { actions: [{ ${members} }] }`;
  const cases: readonly (readonly [string, RegExp])[] = [
    ['[]', /no mapping of traits/],
    ['a: [', /no YAML/],
    ['HW_A: { actions: [] }', /begins with "CUSTOM_"/],
    ['CUSTOM_A: 5', /no mapping with actions/],
    ['CUSTOM_A: { actions: [] }', /no list with an action/],
    ['CUSTOM_A: { order: x, actions: [{}] }', /CUSTOM_A\.order is "x"/],
    ['CUSTOM_A: { acts: [] }', /member "acts"; allowed: order, actions/],
    [action('action: fly, filter: "port.is_port"'), /CUSTOM_A\.actions\[0\]\.action is "fly"; allowed: attach_port,/],
    [action('action: attach_port'), /filter is missing/],
    [action('action: attach_port, filter: "port.is"'), /filter can not be read, at character 1: there is no variable/],
    [action('action: attach_port, filter: "port.is_port", min_count: 0'), /min_count is 0/],
    [action('action: attach_port, filter: "port.is_port", min_count: 3, max_count: 2'), /max_count is 2, less/],
    [action('action: group_and_attach_ports, filter: "port.is_port"'), /needs min_count, 2 or more/],
  ];
  for (const [text, message] of cases) {
    await assert.rejects(
      parseTraits(text),
      (error) => error instanceof TraitFileProblem && message.test(error.message),
      text,
    );
  }
  assert.deepEqual(await readTraits(null), []);
  await assert.rejects(
    readTraits('/nowhere/traits.yaml'),
    /\/nowhere\/traits\.yaml of conductor\.trait_based_networking_config_file can not be used/,
  );
});

const ports = ['a', 'b', 'c', 'd'].map((vendor, index) =>
  testPort(`52:54:00:00:00:0${index}`, { id: index, vendor, physical_network: index < 3 ? 'one' : 'two' }),
);
const free = carriersOf({ ports, portgroups: [] });
const network = { name: 'net', tags: [] };

async function choose(actions: string, given = free) {
  return planAttachment(await parseTraits(`CUSTOM_A: { actions: [${actions}] }`), given, network);
}

test('the first action that finds enough decides', async () => {
  const one = await choose(
    `{ action: attach_port, filter: "port.vendor == 'c'" }, { action: attach_port, filter: port.is_port }`,
  );
  assert.equal(one?.kind === 'carrier' && one.carrier.item.uuid, ports[2]?.uuid);
  const enough = await choose(
    `{ action: attach_port, filter: "port.vendor == 'c'", min_count: 2 }, { action: attach_port, filter: port.is_port, min_count: 4 }`,
  );
  assert.equal(enough?.kind === 'carrier' && enough.carrier.item.uuid, ports[0]?.uuid);
  assert.equal(await choose('{ action: attach_portgroup, filter: port.is_portgroup }'), undefined);
});

test('groups are made of free ports on one physical network', async () => {
  const group = await choose('{ action: group_and_attach_ports, filter: port.is_port, min_count: 2, max_count: 2 }');
  assert.deepEqual(group?.kind === 'group' && group.group.ports.map(({ vendor }) => vendor), ['a', 'b']);
  const all = await choose('{ action: group_and_attach_ports, filter: port.is_port, min_count: 2 }');
  assert.deepEqual(all?.kind === 'group' && all.group.ports.map(({ vendor }) => vendor), ['a', 'b', 'c']);
  assert.equal(await choose('{ action: group_and_attach_ports, filter: port.is_port, min_count: 4 }'), undefined);
  const kept = ports.map((port) => ({ ...port, available_for_dynamic_portgroup: port.vendor !== 'a' }));
  const others = await choose(
    '{ action: group_and_attach_ports, filter: port.is_port, min_count: 2 }',
    carriersOf({ ports: kept, portgroups: [] }),
  );
  assert.deepEqual(others?.kind === 'group' && others.group.ports.map(({ vendor }) => vendor), ['b', 'c']);
});

test('a bond is made where a later action attaches it, and not otherwise', async () => {
  const bond = '{ action: bond_ports, filter: "port.physical_network == \'one\'", min_count: 2 }';
  const attached = await choose(
    `${bond}, { action: attach_portgroup, filter: "port.is_portgroup && port.physical_network == 'one'" }`,
  );
  assert.deepEqual(attached?.kind === 'group' && attached.group.ports.length, 3);
  assert.equal(await choose(bond), undefined);
});

test('the traits of the instance count, or the default one', async () => {
  const text = (name: string) => `${name}: { actions: [{ action: attach_port, filter: port.is_port }] }\n`;
  const all = await parseTraits(text('CUSTOM_A') + text('CUSTOM_B') + text(DEFAULT_TRAIT));
  const names = (wanted: readonly string[]) => traitsOf(all, wanted).map(({ name }) => name);
  assert.deepEqual(names(['CUSTOM_B', 'CUSTOM_OTHER']), ['CUSTOM_B']);
  assert.deepEqual(names([]), [DEFAULT_TRAIT]);
});

testOnBoth('a port group that is made for a VIF is stored with its ports, and dissolved with it', async (t) => {
  const { store, node: create } = await startConductor(t);
  const node = await create();
  const cards = ['52:54:00:77:00:01', '52:54:00:77:00:02'].map((address) => testPort(address, { node_id: node.id }));
  await store.transaction(async (trx) => {
    for (const { uuid, address } of cards) {
      await insertPort(trx, { uuid, address, node_id: node.id });
    }
  });
  const portgroup = { ...dynamicGroup, uuid: randomUUID(), address: cards[0]?.address ?? null };
  const made = { new_portgroups: [{ portgroup, ports: cards.map(({ uuid }) => uuid) }] };
  const carries = { portgroups: [{ uuid: portgroup.uuid, internal_info: { tenant_vif_port_id: 'v' } }] };
  for (let time = 0; time < 2; time += 1) {
    await storeFacts(store, node.id, { ...made, ...carries });
    const [group] = await portgroupsOfNode(store.read, node.id);
    assert.deepEqual(
      [group?.uuid, group?.dynamic_portgroup, group?.internal_info.tenant_vif_port_id],
      [portgroup.uuid, true, 'v'],
    );
    assert.ok((await portsOfNode(store.read, node.id)).every((port) => port.portgroup_uuid === portgroup.uuid));
  }
  await storeFacts(store, node.id, { dissolved_portgroups: [portgroup.uuid] });
  await storeFacts(store, node.id, { dissolved_portgroups: [portgroup.uuid] });
  assert.deepEqual(await portgroupsOfNode(store.read, node.id), []);
  assert.ok((await portsOfNode(store.read, node.id)).every((port) => port.portgroup_uuid === null));
});
