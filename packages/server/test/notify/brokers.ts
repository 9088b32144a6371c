// Message brokers for tests: RabbitMQ and nats-server of Debian, in a temporary folder and on loopback, ended by their process.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCertificate } from '../../../agent/src/certificate.ts';
import { freePort } from '../../../lab/src/peer/free-port.ts';

/** Whatever ends what it is told of when it ends itself: a test. */
interface Lifetime {
  after(close: () => Promise<void>): void;
}

const START_MILLISECONDS = 180_000;

export interface Broker {
  readonly url: string;
  /** Ends it at once, as a crash would; its files stay. */
  kill(): Promise<void>;
  /** Starts it again on the same files and port. */
  start(): Promise<void>;
}

/** Resolves when something accepts connections; fails when the program ends before that. */
async function untilAccepts(port: number, program: ChildProcess): Promise<void> {
  const deadline = performance.now() + START_MILLISECONDS;
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    socket.destroy();
    if (isOpen) {
      return;
    }
    if (program.exitCode !== null || performance.now() > deadline) {
      throw new Error(`${program.spawnfile} does not listen on port ${port} (exit code ${program.exitCode}).`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Debian's util-linux: runs a program that ends with this process, however that ends. */
const runner = '/usr/bin/setpriv';

function run(program: string, options: readonly string[], env: NodeJS.ProcessEnv = process.env): ChildProcess {
  return spawn(runner, ['--pdeathsig=KILL', program, ...options], { env, stdio: 'ignore' });
}

async function end(program: ChildProcess | undefined): Promise<void> {
  if (program !== undefined && program.exitCode === null && program.signalCode === null) {
    const ended = once(program, 'exit');
    program.kill('SIGKILL');
    await ended;
  }
}

async function broker(
  t: Lifetime,
  { url, port, launch }: { url: string; port: number; launch: () => ChildProcess },
): Promise<Broker> {
  let program: ChildProcess | undefined;
  const made: Broker = {
    url,
    kill: () => end(program),
    async start() {
      program = launch();
      await untilAccepts(port, program);
    },
  };
  t.after(() => end(program));
  await made.start();
  return made;
}

async function folder(t: Lifetime): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'wrought-broker-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** A certificate for 127.0.0.1 and its key, in files. */
export async function serverCertificate(t: Lifetime): Promise<{ readonly cert: string; readonly key: string }> {
  const directory = await folder(t);
  const { certificatePem, keyPem } = createCertificate('127.0.0.1');
  const [cert, key] = [join(directory, 'cert.pem'), join(directory, 'key.pem')];
  await writeFile(cert, certificatePem);
  await writeFile(key, keyPem, { mode: 0o600 });
  return { cert, key };
}

/** Starts nats-server with JetStream; `configuration` are lines of its file. */
export async function startNats(t: Lifetime, configuration: readonly string[] = []): Promise<Broker> {
  const directory = await folder(t);
  const port = await freePort();
  const file = join(directory, 'nats.conf');
  await writeFile(file, configuration.join('\n'));
  const options = ['-c', file, '-a', '127.0.0.1', '-p', String(port), '-js', '-sd', join(directory, 'data')];
  return broker(t, { url: `nats://127.0.0.1:${port}`, port, launch: () => run('nats-server', options) });
}

/** Starts RabbitMQ, and a port mapper of Erlang of its own so that none is left behind; `settings` are lines of its file. */
export async function startRabbit(t: Lifetime, settings: readonly string[] = []): Promise<Broker> {
  const directory = await folder(t);
  const [port, distributionPort, mapperPort] = [await freePort(), await freePort(), await freePort()];
  const mapper = run('epmd', ['-port', String(mapperPort), '-address', '127.0.0.1']);
  t.after(() => end(mapper));
  await untilAccepts(mapperPort, mapper);
  const configuration = join(directory, 'rabbitmq.conf');
  await writeFile(configuration, [`listeners.tcp.local = 127.0.0.1:${port}`, ...settings, ''].join('\n'));
  await writeFile(join(directory, 'plugins'), '[].\n');
  const env = {
    PATH: process.env.PATH,
    HOME: directory,
    ERL_EPMD_PORT: String(mapperPort),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_NODENAME: 'wrought@localhost',
    RABBITMQ_CONFIG_FILE: configuration,
    RABBITMQ_ENABLED_PLUGINS_FILE: join(directory, 'plugins'),
    RABBITMQ_MNESIA_BASE: join(directory, 'mnesia'),
    RABBITMQ_LOG_BASE: join(directory, 'log'),
    RABBITMQ_PID_FILE: join(directory, 'pid'),
    RABBITMQ_DIST_PORT: String(distributionPort),
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
    // The script becomes the server instead of starting it as a child, and it reads no input.
    RABBITMQ_ALLOW_INPUT: '1',
    // Small and single-threaded: several programs share the machine.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-noinput +S 1:1 -kernel inet_dist_use_interface {127,0,0,1}',
  };
  // The script in Debian's /usr/sbin would change the user; this is what it calls.
  const launch = () => run('/usr/lib/rabbitmq/bin/rabbitmq-server', [], env);
  return broker(t, { url: `amqp://guest:guest@127.0.0.1:${port}/`, port, launch });
}
