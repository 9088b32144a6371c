// Metrics: what a server tells Prometheus about requests, runs, BMC calls and its database, and who may read it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Registry } from 'prom-client';
import { freePort } from '../../lab/src/peer/free-port.ts';
import { loadConfig } from '../src/config/index.ts';
import { createBmcCalls } from '../src/drivers/ipmi/bmc-calls.ts';
import { openNativeIpmi } from '../src/drivers/ipmi/native/index.ts';
import { ipmitoolPower } from '../src/drivers/ipmi/power.ts';
import { createBmcGovernor, done, type ObservedBmcCall } from '../src/drivers/kit/index.ts';
import { startServer } from '../src/main.ts';
import { createBmcMetrics } from '../src/metrics/bmc-conditions.ts';
import { createMetrics } from '../src/metrics/index.ts';
import { createPowerLag } from '../src/metrics/power-lag.ts';
import { countUnfinishedRuns } from '../src/metrics/unfinished-runs.ts';
import { openStore } from '../src/store/store.ts';
import { requester, startConductor } from './support/conductor.ts';
import { startBmc } from './support/ipmi-simulator.ts';
import { deployStep, gate, scripted, scriptedDriver, waitingStep } from './support/scripted-driver.ts';
import { testTask } from './support/task.ts';

async function serverWithMetrics(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'wrought-metrics-'));
  const listen = `127.0.0.1:${await freePort()}`;
  const set = [
    'api.listen=',
    'log.level=silent',
    'drivers.enabled=["fake-hardware"]',
    'conductor.graceful_shutdown_timeout=1',
    `metrics.listen=${listen}`,
  ];
  const server = await startServer({ config: loadConfig({ dataDirectory: folder, set }) });
  t.after(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    url: `http://${listen}/metrics`,
    async call(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
      const headers = { 'X-OpenStack-Ironic-API-Version': '1.100', 'Content-Type': 'application/json' };
      const sent = request({ socketPath: join(folder, 'wrought.sock'), method, path, headers });
      const answered = once(sent, 'response');
      sent.end(body === undefined ? undefined : JSON.stringify(body));
      const [response] = await answered;
      const text = Buffer.concat(await response.toArray()).toString('utf8');
      return text === '' ? {} : JSON.parse(text);
    },
  };
}

/** The value of the sample whose name and labels match. */
function sample(text: string, pattern: RegExp): number {
  const line = text.split('\n').find((each) => pattern.test(each));
  assert.ok(line !== undefined, `${pattern} is not in:\n${text}`);
  return Number(line.split(' ').at(-1));
}

test('a server tells of requests, runs and its database, and names no node', async (t) => {
  const { url, call } = await serverWithMetrics(t);
  const { uuid } = await call('POST', '/v1/nodes', { driver: 'fake-hardware', name: 'metrics-node' });
  await call('PUT', `/v1/nodes/${uuid}/states/provision`, { target: 'manage' });
  while ((await call('GET', `/v1/nodes/${uuid}`)).provision_state !== 'manageable') {
    await new Promise((resolve) => setImmediate(resolve));
  }
  await call('GET', '/v1/nodes/none');
  const response = await fetch(url);
  assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
  const text = await response.text();
  assert.equal(
    sample(text, /^wrought_http_request_duration_seconds_count\{method="POST",route="\/v1\/nodes",status="201"\}/),
    1,
  );
  assert.equal(
    sample(text, /^wrought_http_request_duration_seconds_count\{method="GET",route="\/v1\/nodes\/:\w+",status="404"\}/),
    1,
  );
  assert.equal(sample(text, /^wrought_run_duration_seconds_count\{flow="verify",outcome="done"\}/), 1);
  assert.ok(sample(text, /^wrought_database_statement_duration_seconds_count\{side="read",outcome="done"\}/) > 0);
  assert.ok(sample(text, /^wrought_database_statement_duration_seconds_count\{side="write",outcome="done"\}/) > 0);
  assert.ok(sample(text, /^wrought_database_transaction_duration_seconds_count\{outcome="done"\}/) > 0);
  assert.ok(sample(text, /^wrought_power_sync_lag_seconds /) >= 0);
  assert.ok(sample(text, /^nodejs_eventloop_lag_p99_seconds /) >= 0);
  assert.ok(sample(text, /^process_resident_memory_bytes /) > 0);
  assert.ok(!text.includes(String(uuid)) && !text.includes('metrics-node'));
  const elsewhere = await fetch(url.replace('/metrics', '/v1/nodes'));
  assert.equal(elsewhere.status, 404);
  assert.equal(await elsewhere.text(), 'The metrics are at GET /metrics.\n');
});

test('unfinished runs are counted by flow, status and step', async (t) => {
  const held = gate();
  const driver = scriptedDriver({
    steps: [
      deployStep('work', 80, async (task) => {
        if (task.node.name === 'held') {
          await held.pass();
        }
        return done();
      }),
      waitingStep('wait', 70),
    ],
  });
  const { store, conductor, node: create, untilState } = await startConductor(t, scripted(driver));
  for (const name of ['held', 'waiting']) {
    const node = await create({ driver: 'scripted', provision_state: 'available', name });
    await conductor.doors.start.provision({ node, verb: 'active', requester });
    await (name === 'held' ? held.reached : untilState(node.uuid, 'wait call-back'));
  }
  const { host } = loadConfig().conductor;
  const counts = await countUnfinishedRuns(store.read, host);
  assert.deepEqual(
    counts.toSorted((a, b) => a.status.localeCompare(b.status)),
    [
      { flow: 'deploy', status: 'parked', step: 'deploy.wait', count: 1 },
      { flow: 'deploy', status: 'running', step: 'deploy.work', count: 1 },
    ],
  );
  assert.deepEqual(await countUnfinishedRuns(store.read, 'another'), []);
  held.open();
});

test('a database that does not answer costs only the metric that is counted there', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wrought-metrics-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const store = await openStore(join(folder, 'wrought.db'));
  await countUnfinishedRuns(store.read, 'host');
  await store.close();
  const metrics = createMetrics();
  const warnings: string[] = [];
  metrics.watchRuns(store, 'host', { warn: (_fields, message) => warnings.push(message) });
  const url = await metrics.listen(`127.0.0.1:${await freePort()}`);
  t.after(() => metrics.close());
  const response = await fetch(url);
  assert.equal(response.status, 200);
  const text = await response.text();
  assert.ok(sample(text, /^process_resident_memory_bytes /) > 0);
  assert.doesNotMatch(text, /^wrought_runs\{/m);
  assert.deepEqual(warnings, ['The unfinished runs could not be counted for the metrics.']);
});

test('calls to a BMC are told with what was asked and how they ended', async (t) => {
  const bmc = await startBmc(t);
  const calls: ObservedBmcCall[] = [];
  const { backend, sessions } = openNativeIpmi(createBmcCalls((call) => calls.push(call)));
  t.after(() => sessions.close());
  const power = ipmitoolPower(backend);
  const taskWith = (ipmi_password: string) => {
    const driver_info = { ipmi_address: '127.0.0.1', ipmi_port: bmc.port, ipmi_username: 'admin', ipmi_password };
    const set = ['ipmi.min_command_interval=0', 'ipmi.command_retry_timeout=1'];
    return testTask({ node: { driver_info }, interfaces: [power], set }).task;
  };
  await power.getPowerState(taskWith('secret12'));
  await assert.rejects(power.getPowerState(taskWith('wrong')));
  assert.deepEqual(
    calls.map(({ seconds: _, ...rest }) => rest),
    [
      { driver: 'ipmitool', operation: 'chassis power', error: null },
      { driver: 'ipmitool', operation: 'chassis power', error: 'final' },
    ],
  );
  assert.ok(calls.every(({ seconds }) => seconds > 0));
});

test('BMCs are counted by what the governor knows of them, and none is named', async () => {
  const clock = { now: 1_000_000 };
  const registry = new Registry();
  const watch = createBmcMetrics(registry, () => clock.now);
  const governor = createBmcGovernor({ isSilence: (error) => error instanceof RangeError, now: () => clock.now });
  watch('ipmitool', governor.conditions);
  const call = (endpoint: string, work: () => Promise<void>) =>
    governor.run({ endpoint, isBackground: false }, work).catch(() => {});
  const slow = gate();
  await call('192.0.2.1:623', async () => {});
  await call('192.0.2.2:623', async () => {
    throw new RangeError('Nothing answered.');
  });
  const pending = [call('192.0.2.3:623', () => slow.pass()), call('192.0.2.3:623', async () => {})];
  await slow.reached;
  const text = await registry.metrics();
  const states = (metrics: string) =>
    ['answering', 'paused', 'probed', 'unknown'].map((state) =>
      sample(metrics, new RegExp(`^wrought_bmcs\\{driver="ipmitool",state="${state}"\\}`)),
    );
  assert.deepEqual(states(text), [1, 1, 0, 1]);
  assert.equal(sample(text, /^wrought_bmc_calls_pending\{driver="ipmitool"\}/), 2);
  assert.equal(sample(text, /^wrought_bmc_mean_latency_seconds_count\{driver="ipmitool"\}/), 1);
  assert.doesNotMatch(text, /192\.0\.2/);
  slow.open();
  await Promise.all(pending);
  clock.now += 3_600_000;
  const later = await registry.metrics();
  assert.deepEqual(states(later), [2, 0, 1, 0]);
  assert.equal(sample(later, /^wrought_bmc_mean_latency_seconds_count\{driver="ipmitool"\}/), 2);
});

test('events that a sink refused for good are counted by sink and outcome', async (t) => {
  const metrics = createMetrics();
  t.after(() => metrics.close());
  metrics.onRefusal('webhook', 'reduced');
  metrics.onRefusal('webhook', 'set aside');
  metrics.onRefusal('webhook', 'set aside');
  const text = await (await fetch(await metrics.listen('127.0.0.1:0'))).text();
  assert.equal(sample(text, /^wrought_events_refused_total\{sink="webhook",outcome="set aside"\}/), 2);
  assert.equal(sample(text, /^wrought_events_refused_total\{sink="webhook",outcome="reduced"\}/), 1);
});

test('the lag of the power sync is that of the node that was read longest ago', () => {
  let clock = 1000;
  const lag = createPowerLag(() => clock);
  assert.equal(lag.seconds(), 0);
  lag.began([1, 2]);
  clock += 10_000;
  lag.read(1);
  assert.equal(lag.seconds(), 10);
  lag.read(2);
  clock += 5000;
  lag.began([1, 3]);
  assert.equal(lag.seconds(), 5);
  lag.read(1);
  clock += 1000;
  assert.equal(lag.seconds(), 1);
  lag.read(2);
  lag.began([]);
  assert.equal(lag.seconds(), 0, 'a node that is gone is not waited for');
});

test('metrics are for this machine alone unless the operator says otherwise', () => {
  const set = ['metrics.listen=0.0.0.0:9399'];
  assert.throws(() => loadConfig({ set }), /metrics\.listen: everyone who reaches 0\.0\.0\.0:9399 reads the metrics/);
  assert.equal(loadConfig({ set: [...set, 'metrics.insecure=true'] }).metrics.listen, '0.0.0.0:9399');
});
