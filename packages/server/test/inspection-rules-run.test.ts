// Inspection rules at work: a real server, the data of a ramdisk, and what the rules make of node, ports and plugin data.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { agentInspect } from '../src/drivers/agent/inspect.ts';
import type { TaskLog } from '../src/drivers/kit/index.ts';
import { findInventory } from '../src/store/inventories.ts';
import { portsOfNode } from '../src/store/ports.ts';
import { requester, silentLog, type TestConductorOptions } from './support/conductor.ts';
import { testOnBoth } from './support/databases.ts';
import { startWholeApi } from './support/whole-api.ts';

const MAC = '52:54:00:12:34:56';
const inventory = {
  interfaces: [{ mac_address: MAC }],
  cpu: { architecture: 'x86_64', count: 8 },
  memory: { physical_mb: 16_384 },
  system_vendor: { manufacturer: 'Dell Inc.', product_name: 'PowerEdge R640', serial_number: 'S1' },
  bmc_address: '192.0.2.77',
  bmc_password: 'very-secret',
};
const data = { inventory, auto_discovered: true, disks: ['sda'] };

type RuleBody = Record<string, unknown>;

async function inspecting(t: TestContext, rules: readonly RuleBody[], options: TestConductorOptions = {}) {
  const api = await startWholeApi(t, { ...options, drivers: [{ hardwareTypes: [], interfaces: [agentInspect] }] });
  for (const body of rules) {
    const answer = await api.request('POST', '/v1/inspection_rules', { body });
    assert.equal(answer.status, 201, answer.text);
  }
  const { node, path } = await api.pathOf({
    provision_state: 'manageable',
    inspect_interface: 'agent',
    name: 'rack-1',
  });
  async function inspect(state: string, sent: object = data) {
    await api.conductor.doors.start.provision({ node, verb: 'inspect', requester });
    await api.untilState(node.uuid, 'inspect wait');
    const answer = await api.request('POST', `/v1/continue_inspection?node_uuid=${node.uuid}`, { body: sent });
    assert.equal(answer.status, 202, answer.text);
    return api.untilState(node.uuid, state);
  }
  return { ...api, node, path, inspect };
}

const set = (path: string, value: unknown) => ({ op: 'set-attribute', args: { path, value } });

testOnBoth(
  'rules run by priority, each seeing what those before it did, and change node, ports and plugin data',
  async (t) => {
    const { path, node, inspect, request, store } = await inspecting(t, [
      {
        priority: 1,
        description: 'last',
        conditions: [{ op: 'eq', args: { values: ['{node.resource_class}', 'dell-8'] } }],
        actions: [
          set('/extra/seen', '{node.extra[rack]}/{plugin_data[site][name]}'),
          {
            op: 'set-port-attribute',
            args: { port_id: MAC.toUpperCase(), path: '/physical_network', value: 'physnet1' },
          },
          { op: 'set-port-attribute', args: { port_id: MAC, path: 'extra.nic', value: 1 } },
          {
            op: 'extend-port-attribute',
            args: { port_id: MAC, path: '/extra/tags', value: '{inventory[bmc_address]}' },
          },
        ],
      },
      {
        priority: 100,
        conditions: [
          { op: 'contains', args: { value: '{inventory[system_vendor][manufacturer]}', regex: '(?i)dell' } },
          { op: 'matches', args: ['{inventory[system_vendor][product_name]}', 'PowerEdge R\\d{3}'] },
          { op: 'gt', args: { values: ['{inventory[memory][physical_mb]}', 8192] } },
          { op: 'in-net', args: { address: '{inventory[bmc_address]}', subnet: '192.0.2.0/24' } },
          { op: 'is-true', args: { value: '{plugin_data[auto_discovered]}' } },
          { op: '! is-none', args: { value: '{inventory[system_vendor][serial_number]}' } },
        ],
        actions: [
          set('resource_class', 'dell-{inventory[cpu][count]}'),
          set('/extra', { rack: 'r7' }),
          { op: 'extend-attribute', args: { path: '/extra/list', value: 'a' } },
          { op: 'extend-attribute', args: { path: '/extra/list', value: 'a', unique: true } },
          { op: 'add-trait', args: { name: '{item}' }, loop: ['CUSTOM_A', 'CUSTOM_B'] },
          { op: 'remove-trait', args: { name: 'CUSTOM_B' } },
          { op: 'set-capability', args: { name: 'boot_mode', value: 'uefi' } },
          { op: 'set-capability', args: { name: 'odd', value: 1 } },
          { op: 'unset-capability', args: { name: 'odd' } },
          { op: 'set-plugin-data', args: { path: 'site.name', value: 'north' } },
          { op: 'extend-plugin-data', args: { path: 'disks', value: 'sdb' } },
          { op: 'unset-plugin-data', args: { path: 'auto_discovered' } },
          {
            op: 'set-attribute',
            args: { path: '{item[path]}', value: '{item[value]}' },
            loop: [{ path: '/driver_info/fake_address', value: '{inventory[bmc_address]}' }],
          },
          { op: 'del-attribute', args: { path: '/extra/not-there' } },
          { op: 'del-attribute', args: { path: '/name' } },
        ],
      },
      { priority: 50, conditions: [{ op: '!is-true', args: { value: 'yes' } }], actions: [set('/extra/never', 1)] },
    ]);
    const inspected = await inspect('manageable');
    assert.equal(inspected.last_error, null);
    assert.equal(inspected.resource_class, 'dell-8');
    assert.equal(inspected.name, null);
    assert.deepEqual(inspected.extra, { rack: 'r7', list: ['a'], seen: 'r7/north' });
    assert.deepEqual(inspected.traits, ['CUSTOM_A']);
    assert.deepEqual(inspected.driver_info, { fake_address: '192.0.2.77' });
    assert.equal(inspected.properties.capabilities, 'boot_mode:uefi');
    assert.equal(inspected.properties.cpus, 8, 'what the hooks learned is there');
    const [port] = await portsOfNode(store.read, node.id);
    assert.equal(port?.physical_network, 'physnet1');
    assert.deepEqual(port?.extra, { nic: 1, tags: ['192.0.2.77'] });
    assert.deepEqual((await request('GET', `${path}/inventory`)).json.plugin_data, {
      disks: ['sda', 'sdb'],
      site: { name: 'north' },
    });
  },
);

test('a rule that can not be carried out fails the inspection, says why, and leaves nothing of any rule', async (t) => {
  const cases: readonly (readonly [RuleBody, RegExp])[] = [
    [
      { actions: [{ op: 'fail', args: { msg: 'only {inventory[cpu][count]} cores' } }] },
      /failed the inspection: only 8 cores/,
    ],
    [
      { description: 'a bad one', actions: [set('/driver_info', 'text')] },
      /\(a bad one\) could not be carried out: in actions\[0\], set-attribute, the field driver_info would have the invalid value "text"; allowed: a JSON object/,
    ],
    [
      { actions: [set('/properties/memory_mb', 'much')] },
      /properties\.memory_mb would have the invalid value "much"; allowed: an integer from 0 up/,
    ],
    [
      { actions: [set('/provision_state', 'active')] },
      /the field "provision_state" of a node can not be changed; allowed: .*resource_class/,
    ],
    [{ actions: [set('/traits', ['CUSTOM_A'])] }, /the field "traits" of a node can not be changed/],
    [{ actions: [set('/name/first', 'x')] }, /name is no object/],
    [{ actions: [set('/extra/serial', '{inventory[nowhere][x]}')] }, /\{inventory\[nowhere\]\[x\]\} leads to nothing/],
    [
      { actions: [set('/driver_info/p', '{inventory[bmc_password]}')] },
      /leads to a secret, which inspection_rules\.mask_secrets hides/,
    ],
    [
      { actions: [set('/driver', 'none-such')] },
      /refused, and no change of the rules was made: .*none-such.* Set by rules: .*driver \(Inspection rule /,
    ],
    [{ actions: [set('/name', 'taken')] }, /refused.*taken/],
    [{ actions: [set('/protected', true)] }, /can not be protected in state "inspecting"/],
    [{ actions: [{ op: 'add-trait', args: { name: 'nope' } }] }, /the trait "nope" is invalid; allowed: CUSTOM_/],
    [{ actions: [{ op: 'extend-attribute', args: { path: '/extra/first', value: 1 } }] }, /extra\/first is no list/],
    [
      { actions: [{ op: 'set-port-attribute', args: { port_id: 'nope', path: '/name', value: 'x' } }] },
      /no port "nope"; it has: .*52:54:00:12:34:56/,
    ],
    [
      { actions: [{ op: 'set-port-attribute', args: { port_id: MAC, path: '/node_uuid', value: 'x' } }] },
      /"node_uuid" of a port can not be changed/,
    ],
    [
      { conditions: [{ op: 'in-net', args: { address: '192.0.2.1', subnet: 'nope' } }], actions: [set('/extra/x', 1)] },
      /in conditions\[0\], in-net, "nope" is no subnet/,
    ],
    [
      { conditions: [{ op: 'lt', args: { values: ['a', 1] } }], actions: [set('/extra/x', 1)] },
      /"a" and 1 have no order/,
    ],
    [
      { sensitive: true, actions: [set('/driver_info', 'hush-hush')] },
      /could not be carried out: in actions\[0\], set-attribute, its arguments can not be used \(the rule is sensitive\)/,
    ],
  ];
  const first = {
    priority: 9999,
    actions: [set('/extra/first', 1), { op: 'add-trait', args: { name: 'CUSTOM_FIRST' } }],
  };
  const { inspect, request, node, pathOf } = await inspecting(t, [first]);
  await pathOf({ name: 'taken' });
  for (const [body, reason] of cases) {
    const created = await request('POST', '/v1/inspection_rules', { body });
    assert.equal(created.status, 201, created.text);
    const failed = await inspect('inspect failed');
    assert.match(failed.last_error ?? '', reason);
    assert.doesNotMatch(failed.last_error ?? '', /hush-hush|very-secret/);
    assert.deepEqual([failed.extra, failed.traits, failed.name], [{}, [], 'rack-1'], String(reason));
    assert.equal((await request('DELETE', `/v1/inspection_rules/${created.json.uuid}`)).status, 204);
    await request('PUT', `/v1/nodes/${node.uuid}/states/provision`, { body: { target: 'manage' } });
  }
  assert.deepEqual((await inspect('manageable')).traits, ['CUSTOM_FIRST']);
});

test('loops of conditions come together as asked for', async (t) => {
  const vendors = ['Lenovo', 'Dell Inc.', 'HPE'];
  const loop = (multiple: string | undefined, items: readonly string[], inverted = false) => ({
    conditions: [
      {
        op: inverted ? '!eq' : 'eq',
        args: { values: ['{inventory[system_vendor][manufacturer]}', '{item}'] },
        loop: items,
        ...(multiple === undefined ? {} : { multiple }),
      },
    ],
  });
  const cases = [
    ['any', loop(undefined, vendors), true],
    ['none', loop('any', ['Lenovo']), false],
    ['all', loop('all', vendors), false],
    ['allnot', loop('all', ['Lenovo', 'HPE'], true), true],
    ['first', loop('first', vendors), false],
    ['last', loop('last', ['HPE', 'Dell Inc.']), true],
  ] as const;
  const { inspect } = await inspecting(
    t,
    cases.map(([name, body]) => ({ ...body, actions: [set(`/extra/${name}`, true)] })),
  );
  const expected = cases.filter(([, , holds]) => holds).map(([name]) => name);
  assert.deepEqual(Object.keys((await inspect('manageable')).extra).sort(), [...expected].sort());
});

/** A web server that answers with these statuses in turn, the last one for ever. */
async function webServer(t: TestContext, statuses: readonly number[]) {
  const requests: IncomingMessage[] = [];
  const server: Server = createServer((request, response) => {
    const status = statuses[Math.min(requests.length, statuses.length - 1)] ?? 200;
    requests.push(request);
    response.writeHead(status).end('answer');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return { requests, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const call = (url: string, more: object = {}) => ({ op: 'api-call', args: { url, backoff_factor: 0, ...more } });

test('api-call makes a GET request, tries again after passing answers, and comes before anything is stored', async (t) => {
  const web = await webServer(t, [503, 429, 204]);
  const { inspect, node, until } = await inspecting(t, [
    {
      actions: [
        call(`${web.url}/machines/{node.uuid}?key=k1`, { headers: { 'X-Token': 'abc' } }),
        set('/extra/done', 1),
      ],
    },
  ]);
  assert.deepEqual((await inspect('manageable')).extra, { done: 1 });
  assert.equal(web.requests.length, 3);
  const [{ method, url, headers } = {} as IncomingMessage] = web.requests;
  assert.deepEqual([method, url, headers['x-token']], ['GET', `/machines/${node.uuid}?key=k1`, 'abc']);
  const timeline = await until(`/wrought/v1/nodes/${node.uuid}/timeline`, ({ text }) =>
    text.includes('applied: api-call'),
  );
  assert.match(timeline.text, /GET http:\/\/127\.0\.0\.1:\d+\/machines\/[\w-]+ was answered with status 204/);
  assert.doesNotMatch(timeline.text, /key=k1/);
});

test('the messages of rules that may read secrets show none', async (t) => {
  const logged: string[] = [];
  const note = (details: object, message?: string) => void logged.push(`${JSON.stringify(details)} ${message}`);
  const log: TaskLog = { ...silentLog, info: note, warn: note };
  const message = 'found {inventory[bmc_password]} of {inventory[bmc_address]} in {inventory}';
  const { inspect } = await inspecting(
    t,
    [
      {
        sensitive: true,
        actions: [
          { op: 'log', args: { msg: message } },
          { op: 'log', args: { msg: '{item}' }, loop: ['{inventory[bmc_password]}'] },
          { op: 'fail', args: { msg: message } },
        ],
      },
    ],
    { set: ['inspection_rules.mask_secrets=never'], log },
  );
  const failed = await inspect('inspect failed');
  assert.match(failed.last_error ?? '', /failed the inspection: found \*{6} of 192\.0\.2\.77 in \{/);
  assert.ok(logged.some((line) => /found \*{6} of 192\.0\.2\.77/.test(line)));
  assert.doesNotMatch([failed.last_error, ...logged].join('\n'), /very-secret/);
});

test('api-call goes through the proxy that the rule names', async (t) => {
  const proxy = await webServer(t, [200]);
  const { inspect } = await inspecting(t, [
    {
      actions: [
        call('http://inventory.invalid/machines', { proxies: { http: proxy.url }, retries: 0 }),
        set('/extra/done', 1),
      ],
    },
  ]);
  assert.deepEqual((await inspect('manageable')).extra, { done: 1 });
  assert.deepEqual(
    proxy.requests.map(({ method, url }) => [method, url]),
    [['GET', 'http://inventory.invalid/machines']],
  );
});

test('an api-call that gets nowhere fails the inspection, and the rules change nothing', async (t) => {
  const broken = await webServer(t, [500]);
  const refusing = await webServer(t, [404]);
  const cases = [
    [
      call(broken.url, { retries: 1 }),
      /api-call, GET http:\/\/127\.0\.0\.1:\d+\/, was answered with status 500 \(try 2 of 2\)/,
    ],
    [call(refusing.url), /was answered with status 404 \(try 1 of 4\)/],
    [call('http://127.0.0.1:1/', { retries: 0 }), /failed: connect ECONNREFUSED/],
    [call('http://169.254.169.254/latest', { retries: 0 }), /169\.254\.169\.254 lies in 169\.254\.0\.0\/16/],
    [call('file:///etc/passwd'), /the URL "file:\/\/\/etc\/passwd" can not be used; allowed: http and https URLs/],
  ] as const;
  for (const [action, reason] of cases) {
    const { inspect } = await inspecting(t, [{ actions: [set('/extra/done', 1), action] }]);
    const failed = await inspect('inspect failed');
    assert.match(failed.last_error ?? '', reason);
    assert.deepEqual(failed.extra, {});
  }
});

test('a server that stops around the rules goes on after its restart, and stores their changes once', async (t) => {
  for (const [stop, requests] of [
    ['before effect', 1],
    ['after effect', 2],
    ['after journal', 1],
  ] as const) {
    const web = await webServer(t, [200]);
    let isStopped = false;
    const reached = Promise.withResolvers<void>();
    const actions = [
      call(web.url),
      { op: 'extend-attribute', args: { path: '/extra/list', value: 1 } },
      { op: 'extend-plugin-data', args: { path: 'disks', value: 'sdb' } },
    ];
    const { inspect, node, restart } = await inspecting(t, [{ actions }], {
      watchBoundary: async (boundary, run) => {
        if (!isStopped && boundary === stop && run.plan[run.position]?.step === 'run_inspection_rules') {
          isStopped = true;
          reached.resolve();
          await new Promise(() => {});
        }
      },
    });
    // This server never gets there.
    inspect('manageable').catch(() => {});
    await reached.promise;
    const second = await restart();
    assert.deepEqual((await second.untilState(node.uuid, 'manageable')).extra, { list: [1] }, stop);
    const found = await findInventory(second.store.read, node.id);
    assert.deepEqual(JSON.parse(found?.plugin_data ?? '').disks, ['sda', 'sdb'], stop);
    assert.equal(web.requests.length, requests, stop);
  }
});

async function rulesFile(t: TestContext, text: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'wrought-rules-'));
  t.after(() => rm(directory, { recursive: true }));
  const path = join(directory, 'rules.yaml');
  await writeFile(path, text);
  return path;
}

test('built-in rules come from a file, and run among those of the API by priority', async (t) => {
  const file = await rulesFile(
    t,
    `
- uuid: site-defaults
  priority: 5
  conditions:
    - op: eq
      args: {values: ["{node.extra[order]}", "first"]}
  actions:
    - op: set-attribute
      args: {path: /extra/order, value: second}
    - op: log
      args: {msg: "Matched {node.uuid}, {nobody}", level: warning}
`,
  );
  const lines: [object, string][] = [];
  const log: TaskLog = { ...silentLog, warn: (fields, message) => lines.push([fields, message]) };
  const { inspect, node } = await inspecting(t, [{ priority: 10, actions: [set('/extra/order', 'first')] }], {
    set: [`inspection_rules.built_in_rules=${file}`],
    log,
  });
  assert.deepEqual((await inspect('manageable')).extra, { order: 'second' });
  const line = lines.find(([, message]) => message === `Matched ${node.uuid}, {nobody}`);
  assert.ok(line !== undefined);
  assert.equal((line[0] as { rule: string }).rule, 'Inspection rule site-defaults');
});

test('a file of built-in rules that can not be used fails the inspection with file, rule and reason', async (t) => {
  for (const [text, reason] of [
    ['a: 1', /rules\.yaml \(inspection_rules\.built_in_rules\) can not be used: it is no list of rules/],
    ['- {actions: []}', /rule 1 has in actions the invalid value \[\]; allowed: a list of at least one action/],
    ['- {priority: 1}', /rule 1 has no actions/],
    [
      '- {actions: [{op: fail, args: {msg: x}}], scope: x}',
      /rule 1 has the member "scope"; allowed: uuid, description/,
    ],
    ['- {actions: [{op: fail, args: {msg: x}}], conditions: [{op: matches, args: {value: x, regex: "(?=x)"}}]}', /RE2/],
  ] as const) {
    const { inspect } = await inspecting(t, [], {
      set: [`inspection_rules.built_in_rules=${await rulesFile(t, text)}`],
    });
    assert.match((await inspect('inspect failed')).last_error ?? '', reason);
  }
});

test('secrets are masked for rules as inspection_rules.mask_secrets says', async (t) => {
  const read = (sensitive: boolean) => ({
    sensitive,
    conditions: [{ op: 'eq', args: { values: ['{inventory[bmc_password]}', 'very-secret'] } }],
    actions: [set(`/driver_info/${sensitive ? 'sensitive' : 'plain'}_password`, '{inventory[bmc_password]}')],
  });
  for (const [policy, expected] of [
    ['always', []],
    ['sensitive', ['sensitive_password']],
    ['never', ['plain_password', 'sensitive_password']],
  ] as const) {
    const { inspect, request, node } = await inspecting(t, [read(false), read(true)], {
      set: [`inspection_rules.mask_secrets=${policy}`],
    });
    const { driver_info: info } = await inspect('manageable');
    assert.deepEqual(Object.keys(info).sort(), expected);
    assert.ok(Object.values(info).every((value) => value === 'very-secret'));
    assert.doesNotMatch((await request('GET', `/wrought/v1/nodes/${node.uuid}/timeline`)).text, /very-secret/);
  }
});
