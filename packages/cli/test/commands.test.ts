// Tests the commands against an HTTP server: what they ask for, what they print, and how they fail.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { type Answer, type Asked, startFakeApi, wrought } from './fake-api.ts';

async function serve(context: TestContext, answer: (asked: Asked) => Answer) {
  const api = await startFakeApi(answer);
  context.after(api.close);
  return { ...api, ask: (...args: string[]) => wrought(['--url', api.url, ...args]) };
}

function temporaryFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wrought-cli-'));
  context.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('a list goes through every page and is shown as a table', async (context) => {
  const { ask, asked, url } = await serve(context, ({ url: path }) =>
    path.includes('marker')
      ? { body: { nodes: [{ uuid: 'u2', name: null, power_state: 'power on', maintenance: false }] } }
      : { body: { nodes: [{ uuid: 'u1', name: 'm1', provision_state: 'active' }], next: `${url}/v1/nodes?marker=u1` } },
  );
  const { exitCode, out } = await ask('node', 'list', '--filter', 'driver=ipmi', '--filter', 'maintenance=false');
  assert.equal(exitCode, 0);
  assert.deepEqual(out.split('\n').slice(0, 3), [
    'uuid  name  instance_uuid  power_state  provision_state  maintenance',
    'u1    m1    -              -            active           -',
    'u2    -     -              power on     -                false',
  ]);
  const query = new URL(asked[0]?.url ?? '', 'http://x').searchParams;
  assert.deepEqual(Object.fromEntries(query), {
    driver: 'ipmi',
    maintenance: 'false',
    fields: 'uuid,name,instance_uuid,power_state,provision_state,maintenance',
  });
  assert.equal(asked[0]?.headers['x-openstack-ironic-api-version'], '1.115');
});

test('--format json prints what the server said', async (context) => {
  const node = { uuid: 'u1', extra: { a: [1] }, links: [] };
  const { ask } = await serve(context, () => ({ body: node }));
  assert.deepEqual(JSON.parse((await ask('node', 'show', 'm1', '--format', 'json')).out), node);
});

test('fields and keys are created, set and unset', async (context) => {
  const { ask, asked } = await serve(context, () => ({ body: {} }));
  const fields = [
    'driver=ipmi',
    'driver_info.ipmi_address=192.0.2.1',
    'driver_info.ipmi_port:=623',
    'automated_clean=false',
  ];
  await ask('node', 'create', ...fields);
  await ask('node', 'set', 'a b', 'name=m=1', 'properties.capabilities=true', 'extra:={"a": 1}');
  await ask('node', 'unset', 'm1', 'description', 'extra.a/b~c');
  assert.deepEqual(
    asked.map(({ method, url, body }) => [method, url, body]),
    [
      [
        'POST',
        '/v1/nodes',
        { driver: 'ipmi', driver_info: { ipmi_address: '192.0.2.1', ipmi_port: 623 }, automated_clean: false },
      ],
      [
        'PATCH',
        '/v1/nodes/a%20b',
        [
          { op: 'add', path: '/name', value: 'm=1' },
          { op: 'add', path: '/properties/capabilities', value: 'true' },
          { op: 'add', path: '/extra', value: { a: 1 } },
        ],
      ],
      [
        'PATCH',
        '/v1/nodes/m1',
        [
          { op: 'remove', path: '/description' },
          { op: 'remove', path: '/extra/a~1b~0c' },
        ],
      ],
    ],
  );
});

test('every verb on a node sends its request', async (context) => {
  const { ask, asked } = await serve(context, () => ({ status: 202, body: '' }));
  const expected: [string, string, string, unknown][] = [
    ['manage n', 'PUT', '/v1/nodes/n/states/provision', { target: 'manage' }],
    ['provide n', 'PUT', '/v1/nodes/n/states/provision', { target: 'provide' }],
    [
      'clean n --steps [{"step":"x"}]',
      'PUT',
      '/v1/nodes/n/states/provision',
      { target: 'clean', clean_steps: [{ step: 'x' }] },
    ],
    ['deploy n', 'PUT', '/v1/nodes/n/states/provision', { target: 'active' }],
    [
      'rebuild n --config-drive http://x/y',
      'PUT',
      '/v1/nodes/n/states/provision',
      { target: 'rebuild', configdrive: 'http://x/y' },
    ],
    ['undeploy n', 'PUT', '/v1/nodes/n/states/provision', { target: 'deleted' }],
    ['abort n', 'PUT', '/v1/nodes/n/states/provision', { target: 'abort' }],
    ['power on n', 'PUT', '/v1/nodes/n/states/power', { target: 'power on' }],
    ['power off n --soft --timeout 5', 'PUT', '/v1/nodes/n/states/power', { target: 'soft power off', timeout: 5 }],
    ['reboot n', 'PUT', '/v1/nodes/n/states/power', { target: 'rebooting' }],
    ['maintenance set n --reason disk', 'PUT', '/v1/nodes/n/maintenance', { reason: 'disk' }],
    ['maintenance unset n', 'DELETE', '/v1/nodes/n/maintenance', undefined],
    [
      'boot-device set n pxe --persistent',
      'PUT',
      '/v1/nodes/n/management/boot_device',
      { boot_device: 'pxe', persistent: true },
    ],
    ['boot mode set n uefi', 'PUT', '/v1/nodes/n/states/boot_mode', { target: 'uefi' }],
    ['secure boot on n', 'PUT', '/v1/nodes/n/states/secure_boot', { target: true }],
    ['secure boot off n', 'PUT', '/v1/nodes/n/states/secure_boot', { target: false }],
    ['raid set n {"logical_disks":[]}', 'PUT', '/v1/nodes/n/states/raid', { logical_disks: [] }],
    ['raid unset n', 'PUT', '/v1/nodes/n/states/raid', {}],
    ['indicator set n led@chassis on', 'PUT', '/v1/nodes/n/management/indicators/led%40chassis', { state: 'on' }],
    ['inject nmi n', 'PUT', '/v1/nodes/n/management/inject_nmi', {}],
    [
      'vmedia attach n cdrom http://x/a.iso --image-download-source http',
      'POST',
      '/v1/nodes/n/vmedia',
      { device_type: 'cdrom', image_url: 'http://x/a.iso', image_download_source: 'http' },
    ],
    ['vmedia detach n', 'DELETE', '/v1/nodes/n/vmedia', undefined],
    [
      'vmedia detach n --device-type cdrom --device-type disk',
      'DELETE',
      '/v1/nodes/n/vmedia?device_types=cdrom,disk',
      undefined,
    ],
    ['trait add n CUSTOM_A', 'PUT', '/v1/nodes/n/traits/CUSTOM_A', undefined],
    ['trait remove n CUSTOM_A', 'DELETE', '/v1/nodes/n/traits/CUSTOM_A', undefined],
    ['vif attach n v1', 'POST', '/v1/nodes/n/vifs', { id: 'v1' }],
    ['vif detach n v1', 'DELETE', '/v1/nodes/n/vifs/v1', undefined],
    ['delete n', 'DELETE', '/v1/nodes/n', undefined],
  ];
  for (const [line] of expected) {
    const { exitCode, err } = await ask('node', ...line.split(' '));
    assert.equal(exitCode, 0, `${line}: ${err}`);
  }
  assert.deepEqual(
    asked.map(({ method, url, body }) => [method, url, body]),
    expected.map(([, ...request]) => request),
  );
});

test('reports of a node are shown', async (context) => {
  const answers: Readonly<Record<string, unknown>> = {
    '/v1/nodes/n/validate': { boot: { result: false, reason: 'no kernel\nno ramdisk' }, power: { result: true } },
    '/v1/nodes/n/traits': { traits: ['CUSTOM_A'] },
    '/v1/nodes/n/vifs': { vifs: [{ id: 'v1' }] },
    '/wrought/v1/nodes/n/switch-ports': {
      switch_ports: [{ address: 'a', switch: 'leaf1', switch_port: 'p1', network: 'tenant', intended: 'x', seen: 'y' }],
    },
    '/v1/nodes/n/management/boot_device': { boot_device: 'pxe', persistent: false },
    '/wrought/v1/nodes/n/why': { state: 'clean wait', waiting_for: 'a heartbeat' },
    '/wrought/v1/nodes/n/timeline': { events: [{ id: 1, at: 't', kind: 'boot', severity: 'info', message: 'TFTP' }] },
    '/v1/runbooks/r/traits': { traits: ['CUSTOM_B'] },
    '/v1/nodes/n/states': { power_state: 'power on', raid_config: {}, target_raid_config: { logical_disks: [] } },
    '/v1/nodes/n/management/indicators': { indicators: [{ name: 'led@chassis', readonly: false, states: ['on'] }] },
    '/v1/nodes/n/management/indicators/led%40chassis': { state: 'blinking' },
    '/v1/drivers/ipmi/properties': { ipmi_address: 'address of the BMC' },
  };
  const { ask } = await serve(context, ({ url }) => ({ body: answers[url] }));
  assert.match((await ask('node', 'validate', 'n')).out, /boot +false +no kernel no ramdisk\n/);
  assert.match((await ask('node', 'trait', 'list', 'n')).out, /trait\nCUSTOM_A\n/);
  assert.match((await ask('runbook', 'trait', 'list', 'r')).out, /trait\nCUSTOM_B\n/);
  const raid = (await ask('node', 'raid', 'show', 'n')).out;
  assert.match(raid, /target_raid_config +\{"logical_disks":\[\]\}\n/);
  assert.doesNotMatch(raid, /power_state/);
  assert.match((await ask('node', 'indicator', 'list', 'n')).out, /led@chassis +false +\["on"\]\n/);
  assert.match((await ask('node', 'indicator', 'show', 'n', 'led@chassis')).out, /state +blinking\n/);
  assert.match((await ask('node', 'vif', 'list', 'n')).out, /id\nv1\n/);
  assert.match((await ask('node', 'switch-ports', 'n')).out, /leaf1 +p1 +tenant +x +y/);
  assert.match((await ask('node', 'boot-device', 'get', 'n')).out, /boot_device +pxe\n/);
  assert.match((await ask('node', 'why', 'n')).out, /waiting_for +a heartbeat\n/);
  assert.match((await ask('node', 'timeline', 'n')).out, /t +boot +info +TFTP\n/);
  assert.match((await ask('driver', 'properties', 'ipmi')).out, /ipmi_address +address of the BMC\n/);
});

test('vendor methods of nodes and drivers are listed and called', async (context) => {
  const methods = { blink: { http_methods: ['PUT'], async: true, description: 'Blinks.', attach: false } };
  const { ask, asked } = await serve(context, ({ url }) => {
    if (url.endsWith('/methods')) {
      return { body: methods };
    }
    return url.endsWith('/blink') ? { status: 202, body: '' } : { body: true };
  });
  for (const noun of ['node', 'driver']) {
    assert.match((await ask(noun, 'passthru', 'list', 'n')).out, /blink +\["PUT"\] +true +Blinks\.\n/);
    const blink = await ask(noun, 'passthru', 'call', 'n', 'blink', 'seconds:=5', 'led=a', '--http-method', 'PUT');
    assert.deepEqual([blink.exitCode, blink.out], [0, '']);
    assert.match(blink.err, /blink of n was called/);
    assert.equal((await ask(noun, 'passthru', 'call', 'n', 'a b')).out, 'true\n');
    assert.equal((await ask(noun, 'passthru', 'call', 'n', 'read', '--http-method', 'GET')).out, 'true\n');
    assert.equal((await ask(noun, 'passthru', 'call', 'n', 'read', '--http-method', 'HEAD')).exitCode, 2);
  }
  const requests = (path: string) => [
    ['GET', `${path}/methods`, undefined],
    ['PUT', `${path}/blink`, { seconds: 5, led: 'a' }],
    ['POST', `${path}/a%20b`, {}],
    ['GET', `${path}/read`, undefined],
  ];
  assert.deepEqual(
    asked.map(({ method, url, body }) => [method, url, body]),
    [...requests('/v1/nodes/n/vendor_passthru'), ...requests('/v1/drivers/n/vendor_passthru')],
  );
});

test('a config drive is sent as an object, or as gzipped base64', async (context) => {
  const { ask, asked } = await serve(context, () => ({ status: 202, body: '' }));
  const folder = temporaryFolder(context);
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  await ask('node', 'deploy', 'n', '--config-drive', write('a.json', '{"meta_data": {"x": 1}}'));
  await ask('node', 'deploy', 'n', '--config-drive', write('b.iso', 'CD001'));
  const [first, second] = asked.map(({ body }) => (body as { configdrive: unknown }).configdrive);
  assert.deepEqual(first, { meta_data: { x: 1 } });
  assert.equal(gunzipSync(Buffer.from(String(second), 'base64')).toString(), 'CD001');
  const { exitCode, err } = await ask('node', 'deploy', 'n', '--config-drive', write('c.json', '{"meta'));
  assert.equal(exitCode, 2);
  assert.match(err, /begins like JSON and is not/);
});

test('what the server refuses is one plain sentence and exit code 1', async (context) => {
  const fault = { faultcode: 'Client', faultstring: 'Node n is locked by host a.\nTry later.', debuginfo: null };
  const bodies: [number, unknown, string][] = [
    [409, { error_message: JSON.stringify(fault) }, 'Node n is locked by host a. Try later.'],
    [409, { error_message: fault }, 'Node n is locked by host a. Try later.'],
    [400, fault, 'Node n is locked by host a. Try later.'],
    [401, { error_message: 'Wrong password.' }, 'Wrong password. Set WROUGHT_PASSWORD'],
    [406, { errors: [{ title: 'Unsupported', detail: 'Version 1.115 is not known.' }] }, 'Version 1.115 is not known.'],
    [502, '<html><head><title>x</title></head><h1>Bad Gateway</h1></html>', 'Bad Gateway'],
    [500, '', 'GET /v1/nodes/n: the server answered 500 without an explanation'],
  ];
  for (const [status, body, sentence] of bodies) {
    const { ask } = await serve(context, () => ({ status, body }));
    const { exitCode, out, err } = await ask('node', 'show', 'n');
    assert.equal(exitCode, 1);
    assert.equal(out, '');
    assert.ok(err.startsWith(`wrought: ${sentence}`), err);
    assert.equal(err.trimEnd().split('\n').length, 1);
  }
});

test('an answer that is no JSON and a server that is not there are explained', async (context) => {
  const { ask, close } = await serve(context, () => ({ body: 'hello' }));
  assert.match((await ask('node', 'show', 'n')).err, /the answer is not JSON, so this is not a bare metal API/);
  await close();
  assert.match((await ask('node', 'show', 'n')).err, /can not be reached: nothing listens there/);
});

test('a wrong command line is exit code 2 and says what is allowed', async () => {
  for (const [line, message] of [
    ['nod list', /Did you mean node\?/],
    ['node create', /missing required argument/],
    ['node create driver', /"driver" is not FIELD=VALUE/],
    ['node create driver:=x', /not JSON/],
    ['node list --format xml', /Allowed choices are table, json/],
    ['node watch n --until happy', /allowed: enroll, manageable/],
    ['node power on n --timeout soon', /not a number of seconds/],
    ['lab up --machines none', /not a number of machines/],
    ['lab bmc --fault-rate 30', /no share, such as 20%/],
    ['lab switch --model wired', /Allowed choices are arista-eos/],
    ['lab bmc --kg xyz', /hexadecimal digits, two a byte/],
    ['lab redfish --model cray', /Allowed choices are generic, idrac, ilo, xcc, supermicro, openbmc/],
    ['lab fleet --bmc snmp', /Allowed choices are http, ipmi, redfish/],
  ] as const) {
    const { exitCode, err } = await wrought(line.split(' '));
    assert.equal(exitCode, 2, line);
    assert.match(err, message);
  }
});

test('config sample, check and show work without a server', async (context) => {
  const folder = temporaryFolder(context);
  const file = join(folder, 'wrought.toml');
  const sample = await wrought(['config', 'sample']);
  writeFileSync(file, sample.out);
  const check = await wrought(['config', 'check', '--config', file, '--data-dir', folder]);
  assert.deepEqual([check.exitCode, check.out], [0, 'the configuration is valid\n']);
  const show = await wrought(['config', 'show', '--changed', '--set', 'api.max_limit=5', '--data-dir', folder]);
  assert.match(show.out, /\n\[api\]\nmax_limit = 5\n$/);
  writeFileSync(file, '[api]\nauth = "nobody"\nmax_limit = -1\n');
  const broken = await wrought(['config', 'check', '--config', file]);
  assert.equal(broken.exitCode, 1);
  assert.match(broken.err, /wrought\.toml:2: api\.auth: .*\n.*wrought\.toml:3: api\.max_limit: /);
});

test('a rescue takes its password from a file, and service its steps', async (context) => {
  const { ask, asked } = await serve(context, () => ({ body: {} }));
  const file = join(temporaryFolder(context), 'password');
  writeFileSync(file, 'open sesame\n');
  assert.equal((await ask('node', 'rescue', 'm1', '--password', file)).exitCode, 0);
  assert.deepEqual(asked[0]?.body, { target: 'rescue', rescue_password: 'open sesame' });
  const steps = [{ interface: 'vendor', step: 'log_passthrough' }];
  await ask('node', 'service', 'm1', '--steps', JSON.stringify(steps));
  assert.deepEqual(asked[1]?.body, { target: 'service', service_steps: steps });
  assert.notEqual((await ask('node', 'rescue', 'm1')).exitCode, 0);
});

test('parts of a machine are listed, and its console is opened', async (context) => {
  const { ask, asked } = await serve(context, ({ url }) =>
    url.endsWith('/bios') ? { body: { bios: [{ name: 'virtualization', value: 'on' }] } } : { body: {} },
  );
  assert.match((await ask('node', 'bios', 'm1')).out, /virtualization +on/);
  await ask('node', 'console', 'open', 'm1');
  assert.deepEqual([asked[1]?.method, asked[1]?.url], ['PUT', '/v1/nodes/m1/states/console']);
  assert.deepEqual(asked[1]?.body, { enabled: true });
});

test('network verify prints a line for each difference, and fails when there is one', async (context) => {
  const difference = { node_name: 'm1', node_uuid: 'u1', kind: 'other link', message: 'eno1 is elsewhere.' };
  const { ask, asked } = await serve(context, ({ url }) => ({
    body: { nodes: 1, ports: 2, confirmed: 1, differences: url.includes('node=') ? [difference] : [] },
  }));
  const well = await ask('network', 'verify');
  assert.deepEqual([well.exitCode, well.out], [0, '1 of 2 ports of 1 nodes were seen where they are meant to be.\n']);
  const failed = await ask('network', 'verify', 'a b');
  assert.equal(failed.exitCode, 1);
  assert.match(failed.out, /^m1: other link: eno1 is elsewhere\.\n/);
  assert.match(failed.err, /there is a difference/);
  assert.equal(asked[1]?.url, '/wrought/v1/network/verify?node=a%20b');
});
