// Operations that go on: monitors, tasks and jobs, to their good and bad ends, through restarts of the BMC.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MalformedError, readTask, TaskError, type TaskProgress, TimeoutError, taskPath } from '../src/index.ts';
import {
  type Asked,
  clientOf,
  failure,
  type Handler,
  type Reply,
  startService,
  type Table,
} from './support/service.ts';

const inTurn = (...replies: readonly (Reply | Handler)[]): Handler => {
  let next = 0;
  return (asked: Asked, response) => {
    const reply = replies[Math.min(next++, replies.length - 1)];
    return typeof reply === 'function' ? reply(asked, response) : reply;
  };
};
const accepted: Reply = { status: 202, headers: { location: '/monitor' } };
const task = (state: string, rest: object = {}): Reply => ({
  body: { '@odata.id': '/task', '@odata.type': '#Task.v1_7_0.Task', TaskState: state, ...rest },
});
const pauses = { pollMilliseconds: 1, maximumPollMilliseconds: 2 };

async function begin(table: Table) {
  const service = await startService({ 'POST /update': () => accepted, ...table });
  const client = clientOf(service, { maximumAttempts: 1 });
  const begun = await client.post('/update', {});
  return {
    service,
    client,
    begun,
    async [Symbol.asyncDispose]() {
      await client.close();
      await service[Symbol.asyncDispose]();
    },
  };
}

test('a monitor is followed to the answer of the operation', async () => {
  await using it = await begin({
    'GET /monitor': inTurn(
      { status: 202 },
      { status: 202, ...task('Running', { PercentComplete: 40 }) },
      { body: { Id: 'made' } },
    ),
  });
  const seen: TaskProgress[] = [];
  const result = await it.client.task(it.begun, { ...pauses, onProgress: (progress) => seen.push(progress) });
  assert.equal(result.resource?.id, 'made');
  assert.deepEqual(
    seen.map(({ outcome, percent }) => [outcome, percent]),
    [
      ['running', undefined],
      ['running', 40],
      ['succeeded', undefined],
    ],
  );
});

test('an answer that is complete has no task', async () => {
  await using it = await begin({ 'POST /update': () => ({ body: { Id: 'done' } }) });
  assert.equal(taskPath(it.begun), undefined);
  assert.equal((await it.client.task(it.begun)).resource?.id, 'done');
});

test('a task is found without Location, and its absence is told when nothing names it', async () => {
  await using named = await begin({
    'POST /update': () => ({ status: 202, ...task('New') }),
    'GET /task': task('Completed', { TaskStatus: 'OK' }).body as object,
  });
  assert.equal(taskPath(named.begun), '/task');
  assert.equal((await named.client.task(named.begun, pauses)).state, 'Completed');
  await using lost = await begin({ 'POST /update': () => ({ status: 202 }) });
  assert.throws(() => taskPath(lost.begun), MalformedError);
});

test('tasks and jobs that fail say why', async () => {
  const messages = [{ MessageId: 'Update.1.0.ApplyFailed', Message: 'The image is not for this machine.' }];
  const ends: readonly Reply[] = [
    task('Exception', { Messages: messages }),
    task('Cancelled', { Messages: messages }),
    task('Completed', { TaskStatus: 'Critical', Messages: messages }),
    { body: { Id: 'JID_1', JobState: 'CompletedWithErrors', Message: 'The image is not for this machine.' } },
    { status: 400, body: { error: { '@Message.ExtendedInfo': messages } } },
    { status: 500, body: { error: { '@Message.ExtendedInfo': messages } } },
  ];
  for (const end of ends) {
    await using it = await begin({ 'GET /monitor': inTurn(accepted, end) });
    await assert.rejects(it.client.task(it.begun, pauses), (error) => {
      assert.ok(error instanceof TaskError, String(error));
      assert.match(error.message, /The image is not for this machine/);
      return true;
    });
  }
});

test('a BMC that restarts in the middle is waited for', async () => {
  const dies: Handler = (_, response) => {
    response.destroy();
    return undefined;
  };
  await using it = await begin({
    'GET /monitor': inTurn(
      accepted,
      dies,
      { status: 503 },
      failure(500, 'InternalError', 'starting'),
      task('Completed'),
    ),
  });
  assert.equal((await it.client.task(it.begun, pauses)).state, 'Completed');
  await using strict = await begin({ 'GET /monitor': dies });
  await assert.rejects(strict.client.task(strict.begun, { ...pauses, tolerateOutage: false }), {
    name: 'ConnectionError',
  });
});

test('a task that does not end, or that the BMC forgets, is told apart from one that failed', async () => {
  await using endless = await begin({ 'GET /monitor': task('Running', { Message: 'writing' }).body as object });
  await assert.rejects(endless.client.task(endless.begun, { ...pauses, taskTimeoutMilliseconds: 20 }), (error) => {
    assert.ok(error instanceof TimeoutError);
    assert.match(error.message, /Running, writing/);
    return true;
  });
  await using forgotten = await begin({
    'GET /redfish/v1/': {},
    'GET /monitor': inTurn(task('Running'), { status: 404 }),
  });
  await assert.rejects(forgotten.client.task(forgotten.begun, pauses), { name: 'TaskError', state: 'unknown' });
});

test('a task that is not there yet is looked for again, and one that was forgotten is found among the jobs', async () => {
  await using late = await begin({
    'GET /redfish/v1/': {},
    'GET /monitor': inTurn({ status: 404 }, { status: 404 }, task('Completed')),
  });
  assert.equal((await late.client.task(late.begun, pauses)).state, 'Completed');
  await using forgotten = await begin({
    'GET /redfish/v1/': { JobService: { '@odata.id': '/redfish/v1/JobService' } },
    'GET /monitor': inTurn(task('Running'), { status: 404 }),
    'GET /redfish/v1/JobService/Jobs/monitor': inTurn(
      { body: { JobState: 'Running' } },
      { body: { JobState: 'Completed', Message: 'Job completed successfully.' } },
    ),
  });
  const result = await forgotten.client.task(forgotten.begun, pauses);
  assert.equal(result.messages[0]?.text, 'Job completed successfully.');
});

test('one look at a task tells how it stands, for callers that come back later', async () => {
  await using it = await begin({
    'GET /monitor': inTurn(
      { ...task('Running', { PercentComplete: '55' }), headers: { 'retry-after': '7' } },
      task('Completed'),
    ),
  });
  const path = taskPath(it.begun) ?? '';
  const { state, outcome, percent, retryAfterSeconds } = await readTask(it.client, path);
  assert.deepEqual(
    { state, outcome, percent, retryAfterSeconds },
    { state: 'Running', outcome: 'running', percent: 55, retryAfterSeconds: 7 },
  );
  assert.equal((await it.client.task(path)).state, 'Completed');
});
