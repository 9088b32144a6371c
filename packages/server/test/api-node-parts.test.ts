// What lies below a node beside its states: RAID, BIOS settings, firmware, inventory, console, boot mode, indicators, media.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replaceBiosSettings } from '../src/store/bios-settings.ts';
import { writeFirmwareComponents } from '../src/store/firmware-components.ts';
import { startWholeApi } from './support/whole-api.ts';

test('a RAID configuration is checked, kept, made by its step and taken away', async (t) => {
  const { request, until, pathOf } = await startWholeApi(t);
  const { path } = await pathOf({ provision_state: 'manageable' });
  const put = (body: unknown, version = 'latest') => request('PUT', `${path}/states/raid`, { body, version });
  const disk = { raid_level: '1', size_gb: 100 };
  const refused: readonly (readonly [unknown, RegExp])[] = [
    [[], /target_raid_config/],
    [{ x: 1 }, /\.x /],
    [{ logical_disks: [] }, /at least one logical disk/],
    [{ logical_disks: [{ size_gb: 1 }] }, /logical_disks\[0\]\.raid_level/],
    [{ logical_disks: [{ ...disk, raid_level: '7' }] }, /"7"; allowed: one of JBOD/],
    [{ logical_disks: [{ ...disk, size_gb: -1 }] }, /size_gb/],
    [{ logical_disks: [{ ...disk, physical_disks: ['a'] }] }, /controller/],
    [{ logical_disks: [{ ...disk, controller: 'c', physical_disks: [{ size: 1 }] }] }, /physical_disks/],
    [{ logical_disks: [{ ...disk, more: 1 }] }, /only the keys/],
    [{ logical_disks: [1] }, /logical_disks\[0\]/],
    [
      {
        logical_disks: [
          { ...disk, is_root_volume: true },
          { ...disk, is_root_volume: true },
        ],
      },
      /one root volume/,
    ],
  ];
  for (const [body, says] of refused) {
    const answer = await put(body);
    assert.equal(answer.status, 400, JSON.stringify(body));
    assert.match(answer.message, says);
  }
  assert.equal((await put({ logical_disks: [disk] }, '1.11')).status, 406);
  const wanted = {
    logical_disks: [
      { ...disk, is_root_volume: true },
      { raid_level: '0', size_gb: 'MAX' },
    ],
  };
  assert.equal((await put(wanted)).status, 204);
  assert.deepEqual((await request('GET', `${path}/states`)).json.target_raid_config, wanted);
  const clean = (step: string) =>
    request('PUT', `${path}/states/provision`, {
      body: { target: 'clean', clean_steps: [{ interface: 'raid', step }] },
    });
  assert.equal((await clean('create_configuration')).status, 202);
  const made = await until(path, ({ json }) => json.provision_state === 'manageable' && json.reservation === null);
  assert.deepEqual(made.json.raid_config.logical_disks, wanted.logical_disks);
  assert.equal(made.json.properties.local_gb, 100);
  assert.equal((await clean('delete_configuration')).status, 202);
  const gone = await until(path, ({ json }) => json.provision_state === 'manageable' && json.reservation === null);
  assert.deepEqual(gone.json.raid_config, {});
  assert.equal((await request('PUT', `${path}/states/raid`)).status, 204);
  assert.deepEqual((await request('GET', path)).json.target_raid_config, {});
});

test('a node without RAID answers 404, and every driver tells the properties of logical disks', async (t) => {
  const { request, pathOf } = await startWholeApi(t);
  const { path } = await pathOf({ raid_interface: 'no-raid' });
  assert.equal((await request('PUT', `${path}/states/raid`, { body: {} })).status, 404);
  const properties = await request('GET', '/v1/drivers/fake-hardware/raid/logical_disk_properties');
  assert.equal(Object.keys(properties.json).length, 10);
  assert.match(properties.json.raid_level, /Required/);
  assert.equal((await request('GET', '/v1/drivers/nope/raid/logical_disk_properties')).status, 404);
  const old = { version: '1.11' };
  assert.equal((await request('GET', '/v1/drivers/fake-hardware/raid/logical_disk_properties', old)).status, 406);
});

test('BIOS settings are those of the last step that applied or reset them', async (t) => {
  const { request, until, pathOf } = await startWholeApi(t);
  const { path } = await pathOf({ provision_state: 'manageable' });
  const clean = async (step: string, args: object = {}) => {
    const body = { target: 'clean', clean_steps: [{ interface: 'bios', step, args }] };
    assert.equal((await request('PUT', `${path}/states/provision`, { body })).status, 202);
    return until(path, ({ json }) => /^(manageable|clean failed)$/.test(json.provision_state) && !json.reservation);
  };
  assert.deepEqual((await request('GET', `${path}/bios`)).json, { bios: [] });
  await clean('apply_configuration', {
    settings: [
      { name: 'virtualization', value: 'on' },
      { name: 'cores', value: 4 },
    ],
  });
  const { json } = await request('GET', `${path}/bios`);
  assert.deepEqual(
    json.bios.map(({ name, value }: { name: string; value: string }) => [name, value]),
    [
      ['cores', '4'],
      ['virtualization', 'on'],
    ],
  );
  await clean('factory_reset');
  assert.deepEqual((await request('GET', `${path}/bios`)).json, { bios: [] });
  const failed = await clean('apply_configuration', { settings: 'all' });
  assert.match(failed.json.last_error, /settings .*"all"/);
});

test('BIOS settings are shown by version, fields and name, and keep their times when nothing changed', async (t) => {
  const { request, store, pathOf } = await startWholeApi(t);
  const { node, path } = await pathOf();
  const give = (value: string) =>
    store.transaction((trx) =>
      replaceBiosSettings(trx, node.id, [
        {
          name: 'virtualization',
          value,
          attribute_type: 'Enumeration',
          allowable_values: ['on', 'off'],
          read_only: false,
        },
      ]),
    );
  await give('on');
  await give('on');
  const first = (await request('GET', `${path}/bios/virtualization`)).json.virtualization;
  assert.deepEqual(
    [first.value, first.allowable_values, first.read_only, first.unique, first.lower_bound, first.updated_at],
    ['on', ['on', 'off'], false, null, null, null],
  );
  await give('off');
  const listed = async (query: string, version = 'latest') =>
    (await request('GET', `${path}/bios${query}`, { version })).json.bios[0];
  assert.deepEqual(Object.keys(await listed('')), ['created_at', 'updated_at', 'name', 'value', 'links']);
  assert.equal((await listed('')).value, 'off');
  assert.notEqual((await listed('')).updated_at, null);
  assert.equal((await listed('?detail=true')).attribute_type, 'Enumeration');
  assert.deepEqual(Object.keys(await listed('?fields=value')), ['created_at', 'updated_at', 'value', 'links']);
  const old = await request('GET', `${path}/bios/virtualization`, { version: '1.73' });
  assert.equal('attribute_type' in old.json.virtualization, false);
  const cases = [
    ['/bios?fields=value', '1.73', 400],
    ['/bios?detail=true', '1.73', 400],
    ['/bios?fields=value&detail=true', 'latest', 400],
    ['/bios?fields=nope', 'latest', 400],
    ['/bios', '1.39', 404],
    ['/bios/nope', 'latest', 404],
  ] as const;
  for (const [query, version, status] of cases) {
    assert.equal((await request('GET', `${path}${query}`, { version })).status, status, query);
  }
});

test('firmware components keep the first version that was seen of them', async (t) => {
  const { request, store, pathOf } = await startWholeApi(t);
  const { node, path } = await pathOf();
  const learn = (current_version: string, more = {}) =>
    store.transaction((trx) =>
      writeFirmwareComponents(trx, node.id, [{ component: 'bmc', current_version, model: 'M1', ...more }]),
    );
  await learn('1.0');
  await learn('2.0', { last_version_flashed: '2.0' });
  const [bmc] = (await request('GET', `${path}/firmware`)).json.firmware;
  assert.deepEqual(
    [bmc.component, bmc.initial_version, bmc.current_version, bmc.last_version_flashed, bmc.model, bmc.vendor],
    ['bmc', '1.0', '2.0', '2.0', 'M1', null],
  );
  const [old] = (await request('GET', `${path}/firmware`, { version: '1.113' })).json.firmware;
  assert.equal('model' in old, false);
  assert.equal((await request('GET', `${path}/firmware?fields=model`, { version: '1.113' })).status, 400);
  assert.equal((await request('GET', `${path}/firmware`, { version: '1.85' })).status, 404);
  const chosen = (await request('GET', `${path}/firmware?fields=component`)).json.firmware[0];
  assert.deepEqual(chosen, { component: 'bmc' });
});

test('a console opens, tells where it is, and closes', async (t) => {
  const { request, until, pathOf } = await startWholeApi(t);
  const { path } = await pathOf();
  const at = `${path}/states/console`;
  const put = (body: unknown) => request('PUT', at, { body });
  assert.deepEqual((await request('GET', at)).json, { console_enabled: false, console_info: null });
  const opened = await put({ enabled: 'yes' });
  assert.deepEqual([opened.status, opened.headers.get('location')?.endsWith(at)], [202, true]);
  const { json } = await until(at, (answer) => answer.json.console_enabled === true);
  assert.deepEqual(json, { console_enabled: true, console_info: {} });
  assert.equal((await put({ enabled: null })).status, 202);
  await until(at, (answer) => answer.json.console_enabled === false);
  for (const body of [{}, { enabled: 'maybe' }, { enabled: true, more: 1 }]) {
    assert.equal((await put(body)).status, 400, JSON.stringify(body));
  }
  const without = await pathOf({ console_interface: 'no-console', console_enabled: true });
  assert.deepEqual((await request('GET', `${without.path}/states/console`)).json, {
    console_enabled: false,
    console_info: null,
  });
  assert.equal((await request('PUT', `${without.path}/states/console`, { body: { enabled: true } })).status, 400);
});

test('a boot mode that the machine can not change is told by its last error, and not while the node is in transit', async (t) => {
  const { request, until, pathOf } = await startWholeApi(t);
  const { path } = await pathOf();
  const put = (name: string, body: unknown, version = 'latest') =>
    request('PUT', `${path}/states/${name}`, { body, version });
  assert.equal((await put('boot_mode', { target: 'uefi' })).status, 202);
  const { json } = await until(path, (answer) => answer.json.last_error !== null && answer.json.reservation === null);
  assert.match(json.last_error, /"fake".*set_boot_mode/);
  assert.equal(json.boot_mode, null);
  for (const [name, body] of [
    ['boot_mode', { target: 'zz' }],
    ['boot_mode', {}],
    ['secure_boot', { target: 'zz' }],
    ['secure_boot', {}],
  ] as const) {
    assert.equal((await put(name, body)).status, 400, JSON.stringify(body));
  }
  assert.equal((await put('secure_boot', { target: true }, '1.75')).status, 404);
  const cleaning = await pathOf({ provision_state: 'cleaning' });
  const refused = await request('PUT', `${cleaning.path}/states/boot_mode`, { body: { target: 'bios' } });
  assert.equal(refused.status, 409);
});

test('indicators are listed, read and set by name and component', async (t) => {
  const { request, pathOf, base } = await startWholeApi(t);
  const { path } = await pathOf();
  const all = `${path}/management/indicators`;
  const { json } = await request('GET', all, { version: '1.1' });
  assert.deepEqual(
    json.indicators.map(({ name, readonly }: { name: string; readonly: boolean }) => [name, readonly]),
    [
      ['led-0@chassis', true],
      ['led@system', false],
    ],
  );
  assert.equal(json.indicators[0].links[0].href, `${base}${all}/led-0@chassis`);
  assert.deepEqual((await request('GET', `${all}/led@system`)).json, { state: 'on' });
  assert.equal((await request('PUT', `${all}/led@system`, { body: { state: 'blinking' } })).status, 204);
  assert.deepEqual((await request('GET', `${all}/led@system`)).json, { state: 'blinking' });
  for (const name of ['chassis', 'zz@chassis', 'led@zz', '@system', 'led@system@x']) {
    assert.equal((await request('GET', `${all}/${name}`)).status, 400, name);
  }
  for (const [name, body] of [
    ['led-0@chassis', { state: 'on' }],
    ['led@system', { state: 'unknown' }],
    ['led@system', {}],
  ] as const) {
    assert.equal((await request('PUT', `${all}/${name}`, { body })).status, 400, JSON.stringify(body));
  }
});

test('virtual media are attached, listed and detached', async (t) => {
  const { request, until, pathOf } = await startWholeApi(t);
  const { path } = await pathOf();
  const at = `${path}/vmedia`;
  const medium = { device_type: 'cdrom', image_url: 'http://192.0.2.1/a.iso' };
  const post = (body: unknown, version = 'latest') => request('POST', at, { body, version });
  assert.equal((await post(medium)).status, 204);
  const { json } = await until(at, (answer) => answer.json.length === 1);
  assert.deepEqual(json, [{ media_types: ['cdrom'], inserted: true, image: 'http://192.0.2.1/a.iso' }]);
  assert.equal((await request('DELETE', `${at}?device_types=floppy`)).status, 204);
  assert.equal((await request('DELETE', `${at}?device_types=tape`)).status, 400);
  assert.equal((await request('DELETE', at)).status, 204);
  await until(at, (answer) => answer.json.length === 0);
  for (const body of [
    {},
    { ...medium, device_type: 'tape' },
    { ...medium, image_url: 'ftp://x' },
    { ...medium, image_download_source: 'carrier' },
    { ...medium, more: 1 },
  ]) {
    assert.equal((await post(body)).status, 400, JSON.stringify(body));
  }
  assert.equal((await post(medium, '1.88')).status, 404);
  assert.equal((await request('GET', at, { version: '1.92' })).status, 404);
  const silent = await pathOf({ fault: 'power failure', maintenance: true });
  assert.equal((await request('POST', `${silent.path}/vmedia`, { body: medium })).status, 503);
});

test('a machine without a non-maskable interrupt says so', async (t) => {
  const { request, pathOf } = await startWholeApi(t);
  const { path } = await pathOf();
  const answer = await request('PUT', `${path}/management/inject_nmi`, { body: {} });
  assert.equal(answer.status, 400);
  assert.match(answer.message, /"fake".*inject_nmi/);
});
