// Plays the script to both servers at once, and tells where this one answers otherwise than the peer.
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { departuresOf } from '../conformance/compare.ts';
import { expand } from '../conformance/placeholders.ts';
import type { Request } from '../conformance/recording.ts';
import type { Outcome } from '../conformance/replay.ts';
import { NEWEST } from '../conformance/server.ts';
import { createWire, sendRequest, splitSend, type Wire } from '../conformance/wire.ts';
import { expectationOf, type Sides } from './expectation.ts';
import type { Pair } from './pair.ts';
import { type Chapter, cleanUp, type ScriptRequest } from './script.ts';

/** Where the allowed departures from the peer's answers are. */
export const requestDepartures = fileURLToPath(new URL('departures/requests/', import.meta.url));

/** The newest version of the peer. */
export const PEER_NEWEST = '1.82';

const REST_TIMEOUT_MILLISECONDS = 60_000;
const REST_POLL_MILLISECONDS = 20;
/** The node that the script takes through its states. */
const movingNode = expand('/v1/nodes/<node-1>?fields=target_provision_state,target_power_state,reservation', {});

export interface Player {
  /** Sends the requests of a chapter in a version; places are "CHAPTER:NUMBER@VERSION". */
  play(chapter: Chapter, version: string): Promise<Outcome[]>;
  /** Deletes what a version's script left behind. */
  cleanUp(): Promise<void>;
  close(): void;
}

/** A player for a pair of servers. */
export function createPlayer(pair: Pair): Player {
  const ironic = createWire(pair.ironic);
  const wrought = createWire(pair.wrought);
  const sides: Sides = { ...pair, newest: NEWEST, peerNewest: PEER_NEWEST };
  const send = (wire: Wire, request: Request) => sendRequest(wire, request, new Map());
  return {
    async play({ name, requests }, version) {
      const outcomes: Outcome[] = [];
      for (const [index, each] of requests.entries()) {
        const request = requestOf(each, version);
        const [theirs, ours] = await Promise.all([send(ironic, request), send(wrought, request)]);
        const departures = departuresOf(request, expectationOf(request, theirs, sides), ours, NEWEST, new Map());
        const [method, path] = splitSend(request.send);
        outcomes.push({ at: `${name}:${index + 1}@${version}`, method, path, version, departures });
      }
      await Promise.all([ironic, wrought].map((wire) => untilAtRest(wire)));
      return outcomes;
    },
    async cleanUp() {
      for (const each of cleanUp) {
        const request = requestOf(each, PEER_NEWEST);
        await Promise.all([ironic, wrought].map((wire) => send(wire, request)));
      }
    },
    close() {
      ironic.close();
      wrought.close();
    },
  };
}

function requestOf(each: ScriptRequest, version: string): Request {
  const [send, body] = JSON.parse(expand(JSON.stringify(each), {})) as ScriptRequest;
  return { send, version, ...(body === undefined ? {} : { body }) };
}

/** Waits until no work is under way on the moving node; throws when it does not end. */
export async function untilAtRest(wire: Wire): Promise<void> {
  const headers = { 'X-OpenStack-Ironic-API-Version': PEER_NEWEST };
  const deadline = performance.now() + REST_TIMEOUT_MILLISECONDS;
  for (;;) {
    const { status, body } = await wire.send('GET', movingNode, headers);
    if (status === 404) return;
    const { target_provision_state, target_power_state, reservation } = JSON.parse(body);
    if ([target_provision_state, target_power_state, reservation].every((value) => value === null)) return;
    if (performance.now() > deadline) throw new Error(`the node does not come to rest: ${body}`);
    await sleep(REST_POLL_MILLISECONDS);
  }
}
