// The two servers side by side: Debian's Ironic and this one, each with an empty store and the same drivers.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { installIronic } from '@wrought/lab';
import { enabledInPeer, startWrought } from '../conformance/server.ts';

const READY_TIMEOUT_MILLISECONDS = 120_000;
const READY_POLL_MILLISECONDS = 100;

/** Bases ("http://HOST:PORT") of the two. */
export interface Pair {
  readonly ironic: string;
  readonly wrought: string;
  stop(): Promise<void>;
}

/** Starts both, and waits until nodes can be enrolled in each. */
export async function startPair(): Promise<Pair> {
  const directory = mkdtempSync(join(tmpdir(), 'wrought-peer-'));
  const opened: (() => Promise<unknown>)[] = [];
  async function stop(): Promise<void> {
    for (const close of opened.splice(0).reverse()) await close();
    rmSync(directory, { recursive: true, force: true });
  }
  try {
    const installation = await installIronic(directory, enabledInPeer);
    opened.push(() => installation.close());
    const processes = await installation.start();
    opened.push(() => processes.stop());
    const wrought = await startWrought(directory, enabledInPeer);
    opened.push(() => wrought.stop());
    const ironic = `http://127.0.0.1:${processes.port}`;
    await untilReady(ironic, () => {
      processes.api.assertRunning();
      processes.conductor.assertRunning();
    });
    return { ironic, wrought: wrought.url(), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The API answers before the conductor has said which drivers it has. */
async function untilReady(base: string, assertRunning: () => void): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MILLISECONDS;
  let last = 'no answer';
  while (performance.now() < deadline) {
    assertRunning();
    try {
      const { status } = await fetch(`${base}/v1/drivers/fake-hardware`);
      if (status === 200) return;
      last = `status ${status}`;
    } catch (error) {
      last = (error as Error).message;
    }
    await sleep(READY_POLL_MILLISECONDS);
  }
  throw new Error(`Ironic at ${base} was not ready in ${READY_TIMEOUT_MILLISECONDS} ms: ${last}`);
}
