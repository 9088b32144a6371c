// Tests the configuration: sources and their order, errors and their places, sample, reference page, reload.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import {
  ConfigError,
  configReference,
  configWarnings,
  type LoadOptions,
  loadConfig,
  reloadConfig,
  sampleConfig,
  showConfig,
} from '../src/config/index.ts';
import { optionValue } from '../src/config/reload.ts';
import { eachOption } from '../src/config/sections.ts';

const folder = mkdtempSync(join(tmpdir(), 'wrought-config-'));
after(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'wrought.toml');

function load(toml: string, options: LoadOptions = {}) {
  writeFileSync(file, toml);
  return loadConfig({ file, dataDirectory: folder, ...options });
}

function problems(toml: string, options: LoadOptions = {}) {
  try {
    load(toml, options);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.problems;
  }
  return [];
}

test('without any configuration the server is safe: loopback, passwords, paths in the data directory', () => {
  const config = loadConfig({ dataDirectory: folder });
  assert.equal(config.api.listen, '127.0.0.1:6385');
  assert.equal(config.api.auth, 'http_basic');
  assert.equal(config.api.insecure, false);
  assert.equal(config.api.unix_socket, join(folder, 'wrought.sock'));
  assert.equal(config.database.path, join(folder, 'wrought.db'));
  assert.deepEqual(configWarnings(config), []);
});

test('the file wins over defaults, --set over the file, --listen over --set', () => {
  const toml = '[api]\nmax_limit = 10\nlisten = "127.0.0.1:1"\n[clean]\nautomated = false\n';
  const config = load(toml, { set: ['api.max_limit=20', 'api.listen=127.0.0.1:2'], listen: '127.0.0.1:3' });
  assert.equal(config.api.max_limit, 20);
  assert.equal(config.api.listen, '127.0.0.1:3');
  assert.equal(config.clean.automated, false);
});

test('every value type is read from a file', () => {
  const config = load(`
[fake]
deploy_delay = 1.5
power_delay = "1,2"
[agent]
verify_ca = "ca.pem"
[conductor]
file_url_allowed_paths = ["/srv/images", "$data_dir/x", "relative"]
clean_step_priority_override = { "deploy.erase_devices" = 0 }
[conductor.deploy_kernel_by_arch]
aarch64 = "file:///k"
[deploy]
erase_devices_priority = 5
[api]
unix_socket = ""
`);
  assert.deepEqual(config.fake.deploy_delay, { minimumSeconds: 1.5, maximumSeconds: 1.5 });
  assert.deepEqual(config.fake.power_delay, { minimumSeconds: 1, maximumSeconds: 2 });
  assert.equal(config.agent.verify_ca, join(folder, 'ca.pem'));
  assert.deepEqual(config.conductor.file_url_allowed_paths, [
    '/srv/images',
    join(folder, 'x'),
    join(folder, 'relative'),
  ]);
  assert.deepEqual({ ...config.conductor.clean_step_priority_override }, { 'deploy.erase_devices': 0 });
  assert.deepEqual({ ...config.conductor.deploy_kernel_by_arch }, { aarch64: 'file:///k' });
  assert.equal(config.deploy.erase_devices_priority, 5);
  assert.equal(config.api.unix_socket, null);
});

test('all errors of a file are shown together, each with file, line, key and what is allowed', () => {
  const found = problems(`# a comment
[api]
auht = "none"
max_limit = 0
listen = "everywhere"

[conductr]
x = 1
[conductor]
http_root = "/x"
permitted_image_formats = [
  "raw", # fine
  "legacy",
]
deploy_callback_timeout = "soon"
`);
  assert.deepEqual(
    found.map(({ line, key }) => [line, key]),
    [
      [3, 'api.auht'],
      [4, 'api.max_limit'],
      [5, 'api.listen'],
      [7, 'conductr'],
      [10, 'conductor.http_root'],
      [11, 'conductor.permitted_image_formats'],
      [15, 'conductor.deploy_callback_timeout'],
    ],
  );
  assert.ok(found.every((problem) => problem.file === file));
  const messages = found.map((problem) => problem.message);
  assert.match(messages[0] ?? '', /did you mean "auth"/);
  assert.match(messages[1] ?? '', /0 is not allowed; allowed: an integer, 1 or more/);
  assert.match(messages[2] ?? '', /HOST:PORT/);
  assert.match(messages[3] ?? '', /did you mean "conductor"/);
  assert.match(messages[4] ?? '', /section \[deploy\]/);
  assert.match(messages[5] ?? '', /"raw", "gpt", "qcow2", "iso"/);
  assert.match(messages[6] ?? '', /an integer, 0 or more, in seconds/);
});

test('a syntax error names its line, a missing file its name', () => {
  const [syntax] = problems('[api]\nmax_limit = \n');
  assert.equal(syntax?.line, 2);
  assert.throws(() => loadConfig({ file: join(folder, 'absent.toml') }), /absent\.toml: can not be read: ENOENT/);
});

test('errors of --set and of the file come in one report', () => {
  const found = problems('[api]\nmax_limit = "x"\n', {
    set: ['nonsense', 'clean.automated=yes', 'drivers.enabled=fake'],
  });
  assert.deepEqual(
    found.map((problem) => problem.key),
    ['api.max_limit', null, 'clean.automated', 'drivers.enabled'],
  );
  assert.match(found[1]?.message ?? '', /section\.key=value/);
  assert.match(found[3]?.message ?? '', /JSON/);
});

test('auth none is refused where others can reach it, unless that is said to be meant', () => {
  for (const listen of ['0.0.0.0:6385', '[::]:6385', '192.0.2.1:6385', 'example.org:6385']) {
    const [problem] = problems('[api]\nauth = "none"\n', { listen });
    assert.equal(problem?.key, 'api.auth');
    assert.equal(problem?.line, 2);
    assert.match(problem?.message ?? '', /insecure = true/);
    assert.deepEqual(problems('[api]\nauth = "none"\ninsecure = true\n', { listen }), []);
  }
  for (const listen of ['127.0.0.1:6385', '127.9.9.9:0', '[::1]:6385', 'localhost:6385']) {
    assert.deepEqual(problems('[api]\nauth = "none"\n', { listen }), []);
  }
});

test('passwords over plain HTTP on a reachable address are allowed with a warning', () => {
  assert.match(configWarnings(load('', { listen: '0.0.0.0:6385' })).join(), /clear text/);
});

test('combinations that can not work are refused', () => {
  const keys = problems(`
[api]
listen = ""
unix_socket = ""
tls_key_file = "key.pem"
[dhcp]
dhcp_provider = "dnsmasq"
[drivers]
enabled_power_interfaces = ["fake"]
default_power_interface = "ipmitool"
[conductor]
heartbeat_interval = 30
[ipmi]
raw_deny = ["0x06 0x47", "0x06 0x100"]
`).map((problem) => problem.key);
  assert.deepEqual(keys, [
    'api.listen',
    'api.tls_key_file',
    'drivers.default_power_interface',
    'dnsmasq.interface',
    'dnsmasq.ranges',
    'conductor.heartbeat_interval',
    'ipmi.raw_deny',
  ]);
});

test('the result is frozen all the way down', () => {
  const config = load('[drivers]\nenabled = ["fake-hardware"]\n');
  assert.ok(Object.isFrozen(config) && Object.isFrozen(config.drivers) && Object.isFrozen(config.drivers.enabled));
});

test('a reload applies what it can and names what has to wait', () => {
  const config = load('[log]\nlevel = "info"\n[api]\nmax_json_body_size = 100\n');
  writeFileSync(file, '[log]\nlevel = "debug"\n[api]\nmax_json_body_size = 200\n');
  const reload = reloadConfig(config);
  assert.deepEqual(reload.changed, ['log.level']);
  assert.deepEqual(reload.needRestart, ['api.max_json_body_size']);
  assert.equal(reload.config.log.level, 'debug');
  assert.equal(reload.config.api.max_json_body_size, 100);
  writeFileSync(file, '[log]\nlevel = "loud"\n');
  assert.throws(() => reloadConfig(reload.config), ConfigError);
});

test('the sample holds every option, and uncommented it is valid and says the defaults', () => {
  const toml = sampleConfig().replace(/^#(?=[a-z_]+ = )/gm, '');
  assert.deepEqual(load(toml), { ...loadConfig({ dataDirectory: folder }), origin: { file, dataDirectory: folder } });
});

test('config show prints TOML that leads to the same configuration', () => {
  const config = load('[fake]\npower_delay = "1,2"\n[pxe.loader_file_paths]\n"snponly.efi" = "/x/y"\n');
  assert.deepEqual({ ...load(showConfig(config)), origin: null }, { ...config, origin: null });
  assert.match(
    showConfig(config, { onlyChanged: true }),
    /^# .*\n\n\[pxe\]\nloader.*\n\n\[fake\]\npower_delay = "1,2"\n$/,
  );
});

test('of a table of secrets the names are shown', () => {
  const config = load('[tracing.headers]\nauthorization = "Bearer geheim"\n');
  assert.equal(config.tracing.headers.authorization, 'Bearer geheim');
  assert.match(showConfig(config, { onlyChanged: true }), /\[tracing\]\nheaders = \{ "?authorization"? = "\*{6}" \}\n/);
});

test('the URL of the database is a secret: it is neither shown nor in the error about it', () => {
  const url = 'postgres://wrought:geheim@db.example.org:5433/wrought?sslmode=verify-full';
  const config = load(`[database]\nurl = "${url}"\n`);
  assert.equal(config.database.url, url);
  assert.match(showConfig(config, { onlyChanged: true }), /\[database\]\nurl = "\*{6}"\n/);
  const [problem] = problems('[database]\nurl = "mysql://wrought:geheim@db.example.org/wrought"\n');
  assert.match(JSON.stringify(problem), /begins with postgres:\/\/ or postgresql:\/\//);
  assert.doesNotMatch(JSON.stringify(problem), /geheim/);
});

test('the reference page in docs is the one that the options give', () => {
  const page = readFileSync(new URL('../../../docs/reference/configuration.md', import.meta.url), 'utf8');
  assert.equal(
    page,
    configReference(),
    'run: node packages/server/src/config/reference.ts docs/reference/configuration.md',
  );
});

test('--set gives back every number, boolean, delay, list and table it was given', () => {
  fc.assert(
    fc.property(
      fc.nat(),
      fc.boolean(),
      fc.tuple(fc.nat(10_000), fc.nat(10_000)),
      fc.array(fc.string()),
      fc.dictionary(fc.string({ minLength: 1 }), fc.nat()),
      fc.string({ minLength: 1, unit: 'binary' }),
      (integer, boolean, [one, other], list, table, text) => {
        const [minimumSeconds, maximumSeconds] = [Math.min(one, other) / 10, Math.max(one, other) / 10];
        const config = loadConfig({
          dataDirectory: folder,
          set: [
            `conductor.deploy_callback_timeout=${integer}`,
            `clean.automated=${boolean}`,
            `fake.deploy_delay=${minimumSeconds},${maximumSeconds}`,
            `drivers.modules=${JSON.stringify(list)}`,
            `conductor.clean_step_priority_override=${JSON.stringify(table)}`,
            `pxe.kernel_append_params=${text}`,
          ],
        });
        assert.equal(config.conductor.deploy_callback_timeout, integer);
        assert.equal(config.clean.automated, boolean);
        assert.deepEqual(config.fake.deploy_delay, { minimumSeconds, maximumSeconds });
        assert.deepEqual(config.drivers.modules, list);
        assert.deepEqual(Object.entries(config.conductor.clean_step_priority_override), Object.entries(table));
        assert.equal(config.pxe.kernel_append_params, text);
      },
    ),
  );
});

test('no --set text, however odd, does anything but load or explain itself', () => {
  const keys = [...eachOption()].map(({ section, key }) => `${section}.${key}`);
  fc.assert(
    fc.property(fc.constantFrom(...keys, '__proto__.x', 'api.__proto__', 'api'), fc.string(), (key, text) => {
      try {
        const config = loadConfig({ dataDirectory: folder, set: [`${key}=${text}`] });
        const [section = '', name = ''] = key.split('.');
        assert.notEqual(optionValue(config, section, name), undefined);
      } catch (error) {
        assert.ok(error instanceof ConfigError, String(error));
        assert.ok(error.problems.every((problem) => problem.message.length > 0));
      }
    }),
    { numRuns: 500 },
  );
});
