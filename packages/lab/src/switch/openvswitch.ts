// A real Open vSwitch in user space: its database and its daemon, on this host or in a network namespace, without a kernel module.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { namespaceCommand } from '../network/namespace.ts';
import { pollUntil } from '../process/poll.ts';
import { type RunResult, run } from '../process/run.ts';

/** The schema that Debian's openvswitch-common brings. */
const SCHEMA = '/usr/share/openvswitch/vswitch.ovsschema';
const stopDeadlineSeconds = 10;

export interface OpenvswitchOptions {
  /** For database, sockets and logs; made when it is missing. */
  directory: string;
  /** Left out: this host's own. */
  namespace?: string;
  /** More places where the database listens, such as "ptcp:6640:127.0.0.1". */
  remotes?: string[];
  /** Files in PEM, for remotes that speak TLS ("pssl:6640:127.0.0.1"): clients need a certificate of the same authority. */
  tls?: { privateKey: string; certificate: string; authority: string };
  /** Ports that are no devices: nothing is forwarded, and no rights are needed. */
  isDummy?: boolean;
}

export interface Openvswitch {
  /** As clients name it: "unix:PATH". */
  readonly database: string;
  /** Runs ovs-vsctl. @throws ProgramError */
  vsctl(...args: string[]): Promise<RunResult>;
  /** Ends the daemon alone; the database goes on. */
  stopDaemon(): Promise<void>;
  startDaemon(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts both programs; they go on when this process ends, until `stop` or until their namespace is cleaned up. */
export async function startOpenvswitch(options: OpenvswitchOptions): Promise<Openvswitch> {
  const { directory, namespace } = options;
  const at = (name: string) => join(directory, name);
  const database = `unix:${at('db.sock')}`;
  mkdirSync(directory, { recursive: true });

  const runHere = (file: string, args: string[]) => {
    const command = namespace === undefined ? { file, args } : namespaceCommand(namespace, file, args);
    return run(command.file, command.args);
  };
  const daemon = (name: string) => [
    `--pidfile=${at(`${name}.pid`)}`,
    `--unixctl=${at(`${name}.ctl`)}`,
    `--log-file=${at(`${name}.log`)}`,
    '-vconsole:off',
    '--detach',
    '--no-chdir',
  ];
  const vsctl = (...args: string[]) => run('ovs-vsctl', [`--db=${database}`, '--timeout=20', ...args]);

  async function end(name: string): Promise<void> {
    await run('ovs-appctl', [`--target=${at(`${name}.ctl`)}`, 'exit']);
    const isGone = async () => {
      try {
        await run('ovs-appctl', [`--target=${at(`${name}.ctl`)}`, 'version']);
        return false;
      } catch {
        // Nobody answers on the control socket any more.
        return true;
      }
    };
    if (!(await pollUntil(isGone, stopDeadlineSeconds))) throw new Error(`${name} did not end`);
  }

  async function startDaemon(): Promise<void> {
    const dummy = options.isDummy ? ['--enable-dummy=override', '--disable-system', '--disable-system-route'] : [];
    await runHere('ovs-vswitchd', [database, ...daemon('ovs-vswitchd'), ...dummy]);
  }

  await run('ovsdb-tool', ['create', at('conf.db'), SCHEMA]);
  const remotes = [`punix:${at('db.sock')}`, ...(options.remotes ?? [])].map((remote) => `--remote=${remote}`);
  const { tls } = options;
  const secured =
    tls === undefined
      ? []
      : [`--private-key=${tls.privateKey}`, `--certificate=${tls.certificate}`, `--ca-cert=${tls.authority}`];
  await runHere('ovsdb-server', [at('conf.db'), ...remotes, ...secured, ...daemon('ovsdb-server')]);
  await vsctl('--no-wait', 'init');
  await startDaemon();
  let isDaemonUp = true;
  return {
    database,
    vsctl,
    async stopDaemon() {
      isDaemonUp = false;
      await end('ovs-vswitchd');
    },
    async startDaemon() {
      await startDaemon();
      isDaemonUp = true;
    },
    async stop() {
      if (isDaemonUp) await end('ovs-vswitchd');
      await end('ovsdb-server');
    },
  };
}
