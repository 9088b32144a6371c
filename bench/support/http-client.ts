// An HTTP/1.1 client that does no more than send a prepared request and read its answer, so that the client's own cost stays small.
import { connect, type Socket } from 'node:net';

const HEADER_END = '\r\n\r\n';

/** So much of each part of an answer is looked at for the end of its header. */
const HEADER_MOST_BYTES = 8_192;

export interface Answer {
  readonly status: number;
  readonly bodyBytes: number;
}

export interface HttpClient {
  /** Sends one request as it stands on the wire and resolves when its answer is complete; one at a time. */
  exchange(request: string): Promise<Answer>;
  close(): void;
}

interface Pending {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
  /** The header as far as it has come. */
  header: string;
  status: number;
  bodyBytes: number;
  /** Undefined: the body ends where the connection ends. */
  contentLength: number | undefined;
  isClosing: boolean;
}

function readHeader(pending: Pending): void {
  const header = pending.header;
  pending.status = Number(header.slice(9, 12));
  if (/\r\ntransfer-encoding: *chunked/i.test(header)) {
    throw new Error('the answer is in chunks, which this client does not read');
  }
  const length = /\r\ncontent-length: *(\d+)/i.exec(header)?.[1];
  pending.isClosing = /\r\nconnection: *close/i.test(header);
  pending.contentLength = length === undefined ? undefined : Number(length);
  // 204 has no body; a connection that stays open needs another end than its own.
  if (length === undefined && (pending.status === 204 || !pending.isClosing)) pending.contentLength = 0;
}

/** A client with at most one connection, opened when it is needed and again after the server has closed it. */
export function createHttpClient(host: string, port: number): HttpClient {
  let socket: Socket | undefined;
  let pending: Pending | undefined;

  function finish(): void {
    const done = pending;
    if (done === undefined) return;
    pending = undefined;
    if (done.isClosing) drop();
    done.resolve({ status: done.status, bodyBytes: done.bodyBytes });
  }

  function fail(error: Error): void {
    drop();
    pending?.reject(error);
    pending = undefined;
  }

  function drop(): void {
    socket?.destroy();
    socket = undefined;
  }

  function onData(chunk: Buffer): void {
    const current = pending;
    if (current === undefined) return;
    let body = chunk.length;
    if (current.status === 0) {
      const before = current.header.length;
      current.header += chunk.toString('latin1', 0, HEADER_MOST_BYTES);
      const end = current.header.indexOf(HEADER_END);
      if (end < 0) return;
      body = before + chunk.length - end - HEADER_END.length;
      current.header = current.header.slice(0, end + 2);
      try {
        readHeader(current);
      } catch (error) {
        fail(error as Error);
        return;
      }
    }
    current.bodyBytes += body;
    if (current.contentLength !== undefined && current.bodyBytes >= current.contentLength) finish();
  }

  function onEnd(): void {
    socket = undefined;
    if (pending === undefined) return;
    if (pending.status !== 0 && pending.contentLength === undefined) finish();
    else fail(new Error('the server closed the connection before its answer was complete'));
  }

  function open(): Socket {
    const opened = connect({ host, port, noDelay: true });
    opened.on('data', onData);
    // Events of a connection that was given up already say nothing about the next one.
    opened.on('end', () => opened === socket && onEnd());
    opened.on('error', (error) => opened === socket && fail(error));
    return opened;
  }

  return {
    exchange(request) {
      return new Promise((resolve, reject) => {
        pending = { resolve, reject, header: '', status: 0, bodyBytes: 0, contentLength: undefined, isClosing: false };
        socket ??= open();
        socket.write(request, 'latin1');
      });
    },
    close: drop,
  };
}
