// A client of QEMU's machine protocol (QMP): commands in, answers and events out, one JSON object a line.
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

export interface QmpEvent {
  event: string;
  data?: Record<string, unknown>;
}

export interface Qmp {
  /** Sends a command and returns its answer. Throws with QEMU's words when QEMU refuses it. */
  execute(command: string, commandArguments?: Record<string, unknown>): Promise<unknown>;
  close(): void;
}

interface QmpMessage {
  QMP?: unknown;
  id?: number;
  return?: unknown;
  error?: { class: string; desc: string };
  event?: string;
  data?: Record<string, unknown>;
}

interface Waiting {
  command: string;
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
}

const commandTimeoutSeconds = 20;

function openSocket(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.removeListener('error', reject);
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

/** Connects to QEMU's QMP socket and ends the greeting phase. `onEvent` gets each event QEMU sends. */
export async function connectQmp(path: string, onEvent: (event: QmpEvent) => void): Promise<Qmp> {
  const socket = await openSocket(path);
  const waiting = new Map<number, Waiting>();
  let nextId = 1;
  let closed: Error | undefined;

  const failAll = (error: Error) => {
    closed ??= error;
    for (const entry of waiting.values()) entry.reject(error);
    waiting.clear();
  };
  socket.on('error', (error) => failAll(new Error(`QMP connection ${path}: ${error.message}`)));
  socket.on('close', () => failAll(new Error(`QMP connection ${path} closed: the machine was powered off`)));

  const onMessage = (message: QmpMessage) => {
    if (message.event !== undefined) {
      onEvent(message.data === undefined ? { event: message.event } : { event: message.event, data: message.data });
      return;
    }
    if (message.id === undefined) return;
    const entry = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.error === undefined) entry?.resolve(message.return);
    else entry?.reject(new Error(`QEMU refused ${entry.command}: ${message.error.desc}`));
  };
  createInterface({ input: socket }).on('line', (line) => onMessage(JSON.parse(line) as QmpMessage));

  const execute = (command: string, commandArguments: Record<string, unknown> = {}): Promise<unknown> => {
    if (closed !== undefined) return Promise.reject(closed);
    const id = nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(id);
        reject(new Error(`QEMU did not answer ${command} within ${commandTimeoutSeconds} s`));
      }, commandTimeoutSeconds * 1000);
      const settle =
        <T>(action: (value: T) => void) =>
        (value: T) => {
          clearTimeout(timer);
          action(value);
        };
      waiting.set(id, { command, resolve: settle(resolve), reject: settle(reject) });
      socket.write(`${JSON.stringify({ execute: command, arguments: commandArguments, id })}\n`);
    });
  };

  await execute('qmp_capabilities');
  return { execute, close: () => socket.destroy() };
}
