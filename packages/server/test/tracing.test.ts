// Traces: what the receiver of spans sees of a deployment, whom a trace is shared with, and that a receiver that is away costs nothing.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { imageWebOptions } from '../src/boot/image-source.ts';
import { loadConfig } from '../src/config/index.ts';
import { agentClient } from '../src/drivers/agent/client.ts';
import { tracedCall } from '../src/drivers/kit/index.ts';
import { startServer } from '../src/main.ts';
import { createTracing } from '../src/tracing/index.ts';
import { readTracePlace } from '../src/tracing/traceparent.ts';
import { startForeignAgent } from './support/agent.ts';
import { silentLog } from './support/conductor.ts';
import { type ReceivedSpan, startSpanReceiver } from './support/span-receiver.ts';
import { testTask } from './support/task.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

function newFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wrought-tracing-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function startTraced(
  t: TestContext,
  endpoint: string,
  set: readonly string[] = [],
  folder: string = newFolder(t),
) {
  const all = [
    'api.listen=',
    'log.level=silent',
    'drivers.enabled=["fake-hardware"]',
    'conductor.graceful_shutdown_timeout=1',
    `tracing.endpoint=${endpoint}`,
    ...set,
  ];
  const server = await startServer({ config: loadConfig({ dataDirectory: folder, set: all }) });
  let isStopped = false;
  async function stop(): Promise<void> {
    if (!isStopped) {
      isStopped = true;
      await server.stop();
    }
  }
  t.after(stop);
  async function call(method: string, path: string, body?: object, headers = {}): Promise<Record<string, unknown>> {
    const sent = request({
      socketPath: join(folder, 'wrought.sock'),
      method,
      path,
      headers: { 'X-OpenStack-Ironic-API-Version': '1.100', 'Content-Type': 'application/json', ...headers },
    });
    const answered = once(sent, 'response');
    sent.end(body === undefined ? undefined : JSON.stringify(body));
    const [response] = await answered;
    const text = Buffer.concat(await response.toArray()).toString('utf8');
    return text === '' ? {} : JSON.parse(text);
  }
  return {
    call,
    stop,
    /** Brings a new node to "active"; the request to deploy has the headers. */
    async deploy(headers = {}): Promise<string> {
      const { uuid } = await call('POST', '/v1/nodes', { driver: 'fake-hardware', automated_clean: false });
      const path = `/v1/nodes/${uuid}/states/provision`;
      for (const [target, state] of [
        ['manage', 'manageable'],
        ['provide', 'available'],
        ['active', 'active'],
      ] as const) {
        await call('PUT', path, { target }, target === 'active' ? headers : {});
        while ((await call('GET', `/v1/nodes/${uuid}`)).provision_state !== state) {
          await new Promise((resolve) => setImmediate(resolve));
        }
      }
      return String(uuid);
    },
  };
}

const ofTrace = (spans: readonly ReceivedSpan[], traceId: string) => spans.filter((span) => span.traceId === traceId);
const named = (spans: readonly ReceivedSpan[], name: RegExp) => spans.find((span) => name.test(span.name));

function found(span: ReceivedSpan | undefined): ReceivedSpan {
  assert.ok(span !== undefined);
  return span;
}

test('a deployment is one trace: the request of a trusted client, its flow, the steps, and what they did', async (t) => {
  const receiver = await startSpanReceiver(t);
  const { deploy } = await startTraced(t, receiver.url, [
    'tracing.trusted=["clients"]',
    'tracing.service_name=metal',
    'tracing.headers={"x-key": "secret"}',
  ]);
  const uuid = await deploy({ traceparent: `00-${TRACE}-${SPAN}-01` });
  const all = await receiver.until(
    (spans) => named(ofTrace(spans, TRACE), /^flow deploy/) !== undefined && named(spans, /^flow verify/) !== undefined,
  );
  const spans = ofTrace(all, TRACE);
  const asked = found(named(spans, /^PUT \/v1\/nodes\/:\w+\/states\/provision$/));
  assert.equal(asked.parentSpanId, SPAN);
  assert.equal(asked.attributes['http.response.status_code'], 202);
  assert.match(String(asked.attributes['wrought.request']), /^req-/);
  const flow = found(named(spans, /^flow deploy$/));
  assert.equal(flow.parentSpanId, asked.spanId);
  assert.equal(flow.attributes['wrought.request'], asked.attributes['wrought.request']);
  const steps = spans.filter(({ name }) => name.startsWith('step '));
  assert.deepEqual(
    steps.map(({ name, parentSpanId, attributes }) => [name, parentSpanId, attributes['wrought.outcome']]),
    [
      ['step flow.prepare_deploy', flow.spanId, 'done'],
      ['step deploy.deploy', flow.spanId, 'done'],
    ],
  );
  assert.ok(steps.every(({ attributes }) => attributes['wrought.node'] === uuid));
  const known = new Set([SPAN, ...spans.map(({ spanId }) => spanId)]);
  const transactions = spans.filter(({ name }) => name === 'database transaction');
  assert.ok(transactions.length > 0);
  assert.deepEqual(
    spans.filter(({ parentSpanId }) => !known.has(parentSpanId)),
    [],
    'every span hangs in the trace',
  );
  assert.ok(spans.every(({ service }) => service === 'metal'));
  assert.equal(receiver.headers[0]?.['x-key'], 'secret');
  // Each of the other verbs is a trace of its own.
  const verify = found(named(all, /^flow verify$/));
  assert.ok(verify.traceId !== TRACE);
});

test('a deployment that goes on after a restart goes on in its trace', async (t) => {
  const receiver = await startSpanReceiver(t);
  const folder = newFolder(t);
  const trusting = ['tracing.trusted=["clients"]', 'conductor.graceful_shutdown_timeout=0'];
  const first = await startTraced(t, receiver.url, [...trusting, 'fake.deploy_delay=3600'], folder);
  const { uuid } = await first.call('POST', '/v1/nodes', { driver: 'fake-hardware', automated_clean: false });
  const path = `/v1/nodes/${uuid}/states/provision`;
  const isIn = async (server: typeof first, state: string) => {
    while ((await server.call('GET', `/v1/nodes/${uuid}`)).provision_state !== state) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await first.call('PUT', path, { target: 'manage' });
  await isIn(first, 'manageable');
  await first.call('PUT', path, { target: 'provide' });
  await isIn(first, 'available');
  await first.call('PUT', path, { target: 'active' }, { traceparent: `00-${TRACE}-${SPAN}-01` });
  await isIn(first, 'deploying');
  await first.stop();
  const second = await startTraced(t, receiver.url, trusting, folder);
  await isIn(second, 'active');
  const all = await receiver.until((spans) => named(ofTrace(spans, TRACE), /^flow deploy$/) !== undefined);
  const spans = ofTrace(all, TRACE);
  const asked = found(named(spans, /^PUT /));
  const flow = found(named(spans, /^flow deploy$/));
  assert.equal(flow.parentSpanId, asked.spanId);
  const done = spans.filter(
    ({ name, attributes }) => name === 'step deploy.deploy' && attributes['wrought.outcome'] === 'done',
  );
  assert.deepEqual(
    done.map(({ parentSpanId }) => parentSpanId),
    [flow.spanId],
  );
});

test('a client that is not trusted can not say what its trace is, nor break anything with what it sends', async (t) => {
  const receiver = await startSpanReceiver(t);
  const { deploy } = await startTraced(t, receiver.url);
  await deploy({ traceparent: `00-${TRACE}-${SPAN}-01` });
  const spans = await receiver.until((received) => named(received, /^flow deploy/) !== undefined);
  assert.deepEqual(ofTrace(spans, TRACE), []);
  for (const text of [
    '',
    'x',
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `ff-${TRACE}-${SPAN}-01`,
  ]) {
    assert.equal(readTracePlace(text), undefined);
  }
});

test('of no trace that is not kept anything is sent', async (t) => {
  const receiver = await startSpanReceiver(t);
  const { deploy, stop } = await startTraced(t, receiver.url, ['tracing.sampling_ratio=0']);
  await deploy();
  await stop();
  assert.deepEqual(receiver.spans, []);
});

test('a receiver that is away holds up neither work nor the end of the server', async (t) => {
  const { deploy, stop } = await startTraced(t, 'http://127.0.0.1:1/v1/traces');
  await deploy();
  await stop();
});

test('that spans are not taken is said once, and that they are taken again', async (t) => {
  const receiver = await startSpanReceiver(t);
  const said: string[] = [];
  const heard = new EventEmitter();
  const note = (_fields: object, message: string) => {
    said.push(message);
    heard.emit('said');
  };
  const tracing = createTracing(loadConfig({ set: [`tracing.endpoint=${receiver.url}`] }), { info: note, warn: note });
  const work = (name: string) => tracing.span({ name, attributes: {} }, async () => {});
  receiver.refuse(true);
  const away = once(heard, 'said');
  await work('lost');
  await away;
  await work('lost too');
  receiver.refuse(false);
  const back = once(heard, 'said');
  await work('kept');
  await back;
  await tracing.stop();
  assert.deepEqual(said, ['Spans can not be delivered; traces are lost until they can.', 'Spans are delivered again.']);
});

test('agents and image servers are told of a trace where they are trusted, and else not', async (t) => {
  const seen: (string | undefined)[] = [];
  const url = await startForeignAgent(t, (asked, response) => {
    seen.push(asked.headers.traceparent?.toString());
    response.end(JSON.stringify({ commands: [] }));
  });
  const receiver = await startSpanReceiver(t);
  for (const trusted of ['[]', '["agents", "image servers"]']) {
    const config = loadConfig({ set: [`tracing.endpoint=${receiver.url}`, `tracing.trusted=${trusted}`] });
    const tracing = createTracing(config, silentLog);
    const { task } = testTask({ node: { driver_internal_info: { agent_url: url } } });
    const traced = { ...task, node: task.node, trace: tracing.call };
    await agentClient(traced).list();
    await tracing.span({ name: 'step', attributes: {} }, async () => {
      await agentClient(traced).list();
      await tracedCall(
        traced,
        { receiver: 'image servers', name: 'look for image', attributes: {} },
        async (headers) => {
          seen.push(imageWebOptions(task.node, task.config, headers).headers?.traceparent);
        },
      );
    });
    await tracing.stop();
  }
  const [outside, untrusted, image, outsideToo, trusted, trustedImage] = seen;
  assert.deepEqual([outside, untrusted, image, outsideToo], [undefined, undefined, undefined, undefined]);
  const spans = await receiver.until((received) => received.length >= 6);
  const step = spans.filter(({ name }) => name === 'step').at(-1);
  const calls = spans.filter(({ parentSpanId }) => parentSpanId === step?.spanId);
  assert.deepEqual(calls.map(({ name }) => name).sort(), ['agent list of commands', 'look for image']);
  assert.deepEqual(
    [readTracePlace(trusted)?.spanId, readTracePlace(trustedImage)?.spanId].sort(),
    calls.map(({ spanId }) => spanId).sort(),
  );
});

test('without an endpoint nothing of OpenTelemetry is loaded', async (t) => {
  const folder = newFolder(t);
  const program = `
    import { registerHooks } from 'node:module';
    const loaded = [];
    registerHooks({
      resolve(specifier, context, next) {
        loaded.push(specifier);
        return next(specifier, context);
      },
    });
    const { startServer } = await import(${JSON.stringify(new URL('../src/main.ts', import.meta.url).href)});
    const { loadConfig } = await import(${JSON.stringify(new URL('../src/config/index.ts', import.meta.url).href)});
    const set = ['api.listen=', 'log.level=silent', 'drivers.enabled=["fake-hardware"]'];
    const server = await startServer({ config: loadConfig({ dataDirectory: ${JSON.stringify(folder)}, set }) });
    await server.stop();
    console.log(JSON.stringify([loaded.includes('fastify'), loaded.filter((each) => each.includes('opentelemetry'))]));
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const printed = Buffer.concat(await child.stdout.toArray()).toString('utf8');
  assert.deepEqual(JSON.parse(printed), [true, []]);
});
