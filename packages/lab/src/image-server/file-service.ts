// Serves the files of one directory over HTTP, with byte ranges, and with faults where it is told.

import { EventEmitter, once } from 'node:events';
import { createReadStream, type Stats, statSync } from 'node:fs';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { join, normalize } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  conditionHolds,
  emptyStatistics,
  type ImageCondition,
  type ImageFault,
  type ImageFileStatistics,
} from './protocol.ts';

export interface FileService {
  /** Serves a request for a file. */
  listener: RequestListener;
  statistics(path: string): ImageFileStatistics;
  /** Replaces the file's faults; an empty object ends them. */
  setFault(path: string, fault: ImageFault): void;
  /** Lets held answers of a file go on, without further holds. */
  release(path: string): void;
  /** Resolves when the file has come so far; stops waiting, without a word, when the signal says so. */
  reached(path: string, condition: ImageCondition, signal: AbortSignal): Promise<void>;
}

interface ByteRange {
  start: number;
  end: number;
}

const chunkBytes = 32 * 1024;

/** One range of "bytes=a-b", "bytes=a-" or "bytes=-n"; undefined when it asks for nothing in the file (RFC 9110, 14.1). */
export function parseRange(header: string, size: number): ByteRange | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header);
  if (match === null || (match[1] === '' && match[2] === '')) return undefined;
  const start = match[1] === '' ? Math.max(0, size - Number(match[2])) : Number(match[1]);
  const end = match[1] === '' || match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1);
  return start <= end ? { start, end } : undefined;
}

function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain' }).end(`${text}\n`);
}

/** Resolves when the bytes are with the kernel, so that what was counted does arrive. */
function write(response: ServerResponse, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    response.write(bytes, (error) => (error == null ? resolve() : reject(error)));
  });
}

function statFile(path: string): Stats | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats?.isFile() === true ? stats : undefined;
}

/** Makes the service for the files below `root`. */
export function createFileService(root: string): FileService {
  const files = new Map<string, ImageFileStatistics>();
  const faults = new Map<string, ImageFault>();
  const changed = new EventEmitter().setMaxListeners(0);
  const released = new EventEmitter().setMaxListeners(0);

  const statisticsOf = (path: string) => {
    const known = files.get(path);
    if (known !== undefined) return known;
    const fresh = emptyStatistics();
    files.set(path, fresh);
    return fresh;
  };
  const note = (path: string, change: (statistics: ImageFileStatistics) => void) => {
    change(statisticsOf(path));
    changed.emit('change');
  };

  const hold = async (path: string, closed: AbortSignal) => {
    note(path, (statistics) => {
      statistics.held += 1;
    });
    try {
      await once(released, path, { signal: closed });
    } finally {
      note(path, (statistics) => {
        statistics.held -= 1;
      });
    }
  };

  /** Sends a range with the file's faults. Throws AbortError when the client goes away. */
  const sendBody = async (path: string, response: ServerResponse, range: ByteRange, closed: AbortSignal) => {
    const fault = faults.get(path) ?? {};
    const began = performance.now();
    let holdAt = fault.holdAfterBytes;
    let sent = 0;
    const stream = createReadStream(join(root, path), { ...range, highWaterMark: chunkBytes });
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      let rest = chunk;
      while (rest.length > 0) {
        const stops = [holdAt, fault.cutAfterBytes].filter((stop) => stop !== undefined).map((stop) => stop - sent);
        const piece = rest.subarray(0, Math.max(0, Math.min(rest.length, ...stops)));
        rest = rest.subarray(piece.length);
        sent += piece.length;
        if (fault.bytesPerSecond !== undefined) {
          const due = began + (sent / fault.bytesPerSecond) * 1000;
          await delay(Math.max(0, due - performance.now()), undefined, { signal: closed });
        }
        await write(response, piece);
        note(path, (statistics) => {
          statistics.bytesServed += piece.length;
        });
        if (fault.cutAfterBytes !== undefined && sent >= fault.cutAfterBytes) {
          response.destroy();
          return;
        }
        if (holdAt !== undefined && sent >= holdAt) {
          holdAt = undefined;
          await hold(path, closed);
        }
      }
    }
    // A client that has all its bytes may close the connection before this end is closed.
    note(path, (statistics) => {
      statistics.completed += 1;
    });
    response.end();
  };

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    // normalize() on an absolute path cannot climb above its root.
    const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://files').pathname));
    const range = request.headers.range;
    note(path, (statistics) => {
      statistics.requests += 1;
      if (range !== undefined) statistics.ranges.push(range);
    });
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const fault = faults.get(path) ?? {};
    if (fault.delayMilliseconds !== undefined) await delay(fault.delayMilliseconds, undefined, { signal: gone.signal });
    if (fault.status !== undefined) return sendText(response, fault.status, `fault on demand: ${fault.status}`);
    if (request.method !== 'GET' && request.method !== 'HEAD') return sendText(response, 405, 'GET and HEAD only');
    const stats = statFile(join(root, path));
    if (stats === undefined) return sendText(response, 404, `no file ${path}`);
    const wanted = range === undefined ? { start: 0, end: stats.size - 1 } : parseRange(range, stats.size);
    if (wanted === undefined) {
      response.setHeader('content-range', `bytes */${stats.size}`);
      return sendText(response, 416, `no bytes ${range} in ${path} of ${stats.size}`);
    }
    response.statusCode = range === undefined ? 200 : 206;
    if (range !== undefined) response.setHeader('content-range', `bytes ${wanted.start}-${wanted.end}/${stats.size}`);
    response.setHeader('accept-ranges', 'bytes');
    response.setHeader('content-type', 'application/octet-stream');
    response.setHeader('content-length', wanted.end - wanted.start + 1);
    response.setHeader('last-modified', stats.mtime.toUTCString());
    response.setHeader('etag', `"${stats.size.toString(16)}-${Math.floor(stats.mtimeMs).toString(16)}"`);
    if (request.method === 'HEAD' || stats.size === 0) response.end();
    else await sendBody(path, response, wanted, gone.signal);
  };

  return {
    listener: (request, response) => {
      serve(request, response).catch((error: Error) => {
        // A client that closed its connection is what some tests are about.
        if (error.name === 'AbortError' || response.closed) return;
        if (response.headersSent) response.destroy(error);
        else sendText(response, 500, error.message);
      });
    },
    statistics: statisticsOf,
    setFault(path, fault) {
      faults.set(path, fault);
    },
    release(path) {
      const { holdAfterBytes: _, ...others } = faults.get(path) ?? {};
      faults.set(path, others);
      released.emit(path);
    },
    async reached(path, condition, signal) {
      while (!conditionHolds(statisticsOf(path), condition)) await once(changed, 'change', { signal });
    },
  };
}
