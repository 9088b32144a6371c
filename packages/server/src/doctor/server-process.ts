// Finds the server that has a data directory, and who listens on a port of this machine, from what the kernel tells in /proc.
import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { basename, join } from 'node:path';
import { serverRunsOn } from '../database/location.ts';

/** A server that runs; `pid` is null when the kernel does not tell this user which process it is. */
export interface ServerProcess {
  readonly pid: number | null;
}

/** The server that has the data directory, or undefined when none runs. */
export function findServer(dataDirectory: string): ServerProcess | undefined {
  if (!serverRunsOn(dataDirectory)) {
    return undefined;
  }
  const lock = realpathSync(join(dataDirectory, 'lock'));
  const pid = processes().find((each) => each !== process.pid && openFiles(each).includes(lock));
  return { pid: pid ?? null };
}

/** Who listens on a port: its process and program, as far as the kernel tells. */
export interface Holder {
  readonly pid: number | null;
  readonly program: string | null;
}

/** Who listens on this address (or on every address) and port over TCP; undefined when nobody does. */
export function holderOf(host: string, port: number): Holder | undefined {
  const entry = listeningSockets().find(
    (socket) => socket.port === port && (isAny(socket.host) || isAny(host) || socket.host === host),
  );
  if (entry === undefined) {
    return undefined;
  }
  const pid = processes().find((each) => openFiles(each).includes(`socket:[${entry.inode}]`)) ?? null;
  const [program] = pid === null ? [] : orNothing(() => [readlinkSync(`/proc/${pid}/exe`)]);
  return { pid, program: program === undefined ? null : basename(program) };
}

const isAny = (host: string) => host === '0.0.0.0' || host === '::';

function processes(): number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger);
}

/** What the descriptors of a process point to; none for processes of others, and for those that just ended. */
function openFiles(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return orNothing(() => readdirSync(folder)).flatMap((fd) => orNothing(() => [readlinkSync(`${folder}/${fd}`)]));
}

/** Descriptors and processes come and go while they are looked at, and those of others may not be seen. */
function orNothing(read: () => string[]): string[] {
  try {
    return read();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (['EACCES', 'EPERM', 'ENOENT', 'ESRCH'].includes(code)) {
      return [];
    }
    throw error;
  }
}

interface ListeningSocket {
  readonly host: string;
  readonly port: number;
  readonly inode: string;
}

/** State of a socket that listens, in /proc/net/tcp (proc(5)). */
const LISTEN = '0A';

function listeningSockets(): ListeningSocket[] {
  return ['tcp', 'tcp6'].flatMap((table) => {
    // A kernel without IPv6 has no tcp6.
    const lines = orNothing(() => readFileSync(`/proc/net/${table}`, 'utf8').trim().split('\n'));
    return lines.slice(1).flatMap((line) => {
      const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
      const [address = '', port = ''] = local.split(':');
      return state === LISTEN ? [{ host: readHexAddress(address), port: Number.parseInt(port, 16), inode }] : [];
    });
  });
}

/** An address in /proc/net: words of four bytes, each in the byte order of the machine. */
function readHexAddress(hex: string): string {
  const bytes = Buffer.concat((hex.match(/.{8}/g) ?? []).map((word) => Buffer.from(word, 'hex').reverse()));
  if (bytes.length === 4) {
    return bytes.join('.');
  }
  const groups = Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(at * 2).toString(16));
  const text = new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
  return isIPv6(text) ? text : hex;
}
