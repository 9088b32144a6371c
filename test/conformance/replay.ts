// Replays a sequence on a server that starts with an empty store, and tells where its answers depart from the recorded ones.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { departuresOf, RECORDED_NEWEST, type SeenAnswer, statusDepartures } from './compare.ts';
import { type Bindings, type Constants, expand, fillIn } from './placeholders.ts';
import type {
  Columns,
  Exchange,
  Group,
  Line,
  Matrix,
  Preparation,
  Request,
  Sequence,
  StoreWrite,
  Wait,
} from './recording.ts';
import { openRows, type Rows } from './rows.ts';
import { CONDUCTOR, NEWEST, startWrought } from './server.ts';
import { createWire, sendRequest, splitSend, type Wire } from './wire.ts';

const WAIT_TIMEOUT_MILLISECONDS = 5_000;
const WAIT_POLL_MILLISECONDS = 5;

/** One exchange as it went. */
export interface Outcome {
  /** "GROUP:LINE", and ".CASE" of a matrix: where it stands in the recording. */
  readonly at: string;
  readonly method: string;
  readonly path: string;
  readonly version: string | null;
  /** Sentences; empty when the answer is the recorded one. */
  readonly departures: readonly string[];
}

/** What one needs to replay lines. */
interface Stage {
  readonly wire: Wire;
  readonly rows: Rows;
  readonly constants: Constants;
  readonly bindings: Bindings;
}

export interface Replay {
  /** Replays a group; groups come in the order of the sequence. */
  group(group: Group): Promise<Outcome[]>;
  stop(): Promise<void>;
}

/** Starts a server of its own for a sequence. */
export async function startReplay(sequence: Sequence): Promise<Replay> {
  const directory = mkdtempSync(join(tmpdir(), `wrought-conformance-${sequence.name}-`));
  const server = await startWrought(directory);
  const base = server.url();
  const stage: Stage = {
    wire: createWire(base),
    rows: openRows(join(directory, 'data/wrought.db')),
    constants: { base, conductor: CONDUCTOR, newest: NEWEST },
    bindings: new Map(),
  };
  return {
    async group({ name, lines }) {
      const outcomes: Outcome[] = [];
      for (const [index, text] of lines.entries()) {
        const at = `${name}:${index + 1}`;
        try {
          const line = JSON.parse(expand(text, stage.constants)) as Line;
          outcomes.push(...(await replayLine(stage, line, at)));
        } catch (error) {
          throw new Error(`${at} ${text.slice(0, 200)}: ${(error as Error).message}`, { cause: error });
        }
      }
      return outcomes;
    },
    async stop() {
      stage.wire.close();
      stage.rows.close();
      await server.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function replayLine(stage: Stage, line: Line, at: string): Promise<Outcome[]> {
  if ('send' in line) return [await replayExchange(stage, line, at)];
  if ('given' in line) return replayMatrix(stage, line, at);
  if ('store' in line) return write(stage, line, at);
  if ('prepare' in line) await prepare(stage, line);
  if ('wait' in line) return [await waitUntil(stage, line, at)];
  return [];
}

function outcome(request: Request, at: string, departures: readonly string[]): Outcome {
  const [method = '', path = ''] = splitSend(request.send);
  return { at, method, path, version: request.version === undefined ? RECORDED_NEWEST : request.version, departures };
}

async function replayExchange(stage: Stage, exchange: Exchange, at: string): Promise<Outcome> {
  const seen = await send(stage, exchange);
  return outcome(exchange, at, departuresOf(exchange, exchange, seen, NEWEST, stage.bindings));
}

const send = (stage: Stage, request: Request): Promise<SeenAnswer> => sendRequest(stage.wire, request, stage.bindings);

/** A row that is not there is a departure of what should have made it. */
async function write(stage: Stage, { store, uuid, set }: StoreWrite, at: string): Promise<Outcome[]> {
  const { rows, bindings } = stage;
  const ident = fillIn(uuid, bindings);
  const isWritten = store === 'bios_settings' ? rows.addBiosSetting(ident, set) : await rows.write(store, ident, set);
  return isWritten ? [] : [outcome({ send: `SET ${store}/${uuid}` }, at, ['a row to write, seen none'])];
}

/** Makes what the recording made without looking at the answer; what is there already, or cannot be made yet, is left. */
async function prepare(stage: Stage, { prepare, body, bind }: Preparation): Promise<void> {
  const seen = await send(stage, { send: prepare, ...(body === undefined ? {} : { body }) });
  if (seen.status >= 400) {
    return;
  }
  for (const [name, path] of Object.entries(bind ?? {})) {
    const value = path.split('.').reduce((object, key) => object?.[key], JSON.parse(seen.body));
    stage.bindings.set(name, String(value));
  }
}

/** Waiting for what never comes is a departure like any other. */
async function waitUntil(stage: Stage, { wait, until }: Wait, at: string): Promise<Outcome> {
  const request = { send: wait };
  const deadline = performance.now() + WAIT_TIMEOUT_MILLISECONDS;
  for (;;) {
    const { status, body } = await send(stage, request);
    const states: Columns = JSON.parse(body);
    if (Object.entries(until).every(([key, value]) => states[key] === value)) {
      return outcome(request, at, []);
    }
    if (status >= 400 || performance.now() > deadline || isSettledElsewhere(states, until)) {
      return outcome(request, at, [`${JSON.stringify(until)} in time, seen ${body}`]);
    }
    await sleep(WAIT_POLL_MILLISECONDS);
  }
}

/** A node at rest in another state than the one waited for will not move any more. */
function isSettledElsewhere(states: Columns, until: Columns): boolean {
  return (
    until.provision_state !== undefined &&
    states.target_provision_state === null &&
    states.provision_state !== until.provision_state
  );
}

/** What a case starts from, unless `given` says otherwise. */
const untouched: Columns = {
  maintenance: false,
  fault: null,
  reservation: null,
  instance_uuid: null,
  protected: false,
  retired: false,
  owner: null,
  power_state: null,
  resource_class: 'rc',
  name: 'n1',
  deploy_interface: 'fake',
};

async function replayMatrix(stage: Stage, { given, cases }: Matrix, at: string): Promise<Outcome[]> {
  const { node, ...columns } = given;
  const outcomes: Outcome[] = [];
  for (const [index, each] of cases.entries()) {
    if (!stage.rows.hasNode(node)) {
      await prepare(stage, { prepare: 'POST /v1/nodes', body: { driver: 'fake-hardware', uuid: node } });
    }
    await stage.rows.write('nodes', node, { ...untouched, ...columns });
    const seen = await send(stage, each);
    outcomes.push(outcome(each, `${at}.${index + 1}`, statusDepartures(each, seen)));
  }
  return outcomes;
}
