// Tells Neutron which physical networks machines are on, as an agent on each of them would: by its message bus, since its API takes no agents.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChannelModel, ConfirmChannel } from 'amqplib';
import { tlsTrust } from '../boot/web.ts';
import type { Config } from '../config/index.ts';

/** A machine as Neutron knows it, and the names of the physical networks that its ports are on. */
export interface HostReport {
  readonly host: string;
  readonly physicalNetworks: readonly string[];
  /** Neutron maps the host to segments anew; without, the report only says that the host is alive. */
  readonly isChanged: boolean;
}

export interface HostReporter {
  /** Resolves when the broker has the reports. @throws Error that names the broker and what went wrong */
  report(hosts: readonly HostReport[], abortSignal?: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Where neutron-server listens for reports of agents (neutron_lib.agent.topics.REPORTS), and the version of that call. */
const TOPIC = 'q-reports-plugin';
const RPC_VERSION = '1.2';
const ENVELOPE_VERSION = '2.0';
/** What networking-baremetal's agent calls itself: mechanism drivers look for these names. */
const AGENT = { agent_type: 'Baremetal Node', binary: 'ironic-neutron-agent', topic: 'N/A' } as const;

const CLOSE_MILLISECONDS = 3_000;

/** The body of a cast of oslo.messaging: `report_state` of Neutron's agents. */
export function reportBody({ host, physicalNetworks, isChanged }: HostReport, at: Date): string {
  const state = {
    ...AGENT,
    host,
    configurations: {
      bridge_mappings: Object.fromEntries(physicalNetworks.map((name) => [name, 'yes'])),
      log_agent_heartbeats: false,
    },
    start_flag: isChanged,
    uuid: randomUUID(),
  };
  const message = {
    method: 'report_state',
    version: RPC_VERSION,
    // Seconds in UTC, as Neutron reads them.
    args: { agent_state: { agent_state: state }, time: at.toISOString().replace(/Z$/, '000') },
    _unique_id: randomUUID().replaceAll('-', ''),
    _context_is_admin: true,
    _context_roles: [],
    _context_request_id: `req-${randomUUID()}`,
  };
  return JSON.stringify({ 'oslo.version': ENVELOPE_VERSION, 'oslo.message': JSON.stringify(message) });
}

/** A connection from its first moment on. */
interface Bus {
  /** Cuts it, in whatever state it is; who waits for the broker is told. */
  readonly socket: AbortController;
  readonly channel: Promise<ConfirmChannel>;
  /** Absent until the broker has taken the connection. */
  connection?: ChannelModel;
}

/** Makes the reporter; nothing is connected before the first report. @throws Error when there is no URL */
export function createHostReporter({ neutron }: Config): HostReporter {
  const { host_report_url: url, host_report_exchange: exchange, host_report_verify_ca: verifyCa } = neutron;
  if (url === null) {
    throw new Error('neutron.host_report_url is not set.');
  }
  const place = `The message broker of Neutron at ${new URL(url).host} (neutron.host_report_url)`;
  let opened: Bus | undefined;

  async function openChannel(
    address: string,
    signal: AbortSignal,
    onConnection: (connection: ChannelModel) => void,
  ): Promise<ConfirmChannel> {
    const { connect } = await import('amqplib');
    const socketOptions = { timeout: neutron.request_timeout * 1000, signal, ...(await tlsTrust(verifyCa)) };
    const connection = await connect(address, socketOptions);
    // Without listeners an error would end the process; the next report meets a closed channel, and connects anew.
    connection.on('error', () => {});
    onConnection(connection);
    const channel = await connection.createConfirmChannel();
    channel.on('error', () => {});
    // It is Neutron's; where it is not there, nobody would hear the reports.
    await channel.checkExchange(exchange);
    return channel;
  }

  function open(address: string): Bus {
    const socket = new AbortController();
    const bus: Bus = {
      socket,
      channel: openChannel(address, socket.signal, (connection) => {
        bus.connection = connection;
      }),
    };
    return bus;
  }

  async function close(): Promise<void> {
    const last = opened;
    opened = undefined;
    if (last?.connection !== undefined) {
      // A connection that is broken can not be closed in form, nor can that to a broker that is silent.
      const closing = last.connection.close().catch(() => undefined);
      await Promise.race([closing, sleep(CLOSE_MILLISECONDS, undefined, { ref: false })]);
    }
    last?.socket.abort();
  }

  return {
    async report(hosts, abortSignal) {
      // A broker that is short of memory takes everything and confirms nothing.
      const limit = AbortSignal.timeout(neutron.request_timeout * 1000);
      const signal = abortSignal === undefined ? limit : AbortSignal.any([abortSignal, limit]);
      opened ??= open(url);
      const { socket, channel: opening } = opened;
      const cut = () => socket.abort();
      signal.addEventListener('abort', cut, { once: true });
      try {
        signal.throwIfAborted();
        const channel = await opening;
        for (const host of hosts) {
          channel.publish(exchange, TOPIC, Buffer.from(reportBody(host, new Date())), {
            contentType: 'application/json',
            contentEncoding: 'utf-8',
          });
        }
        await channel.waitForConfirms();
      } catch (error) {
        await close();
        const reason = limit.aborted
          ? `it answered nothing for ${neutron.request_timeout} s (neutron.request_timeout)`
          : String(error);
        throw new Error(`${place} did not take the reports of ${hosts.length} machines: ${reason}`, { cause: error });
      } finally {
        signal.removeEventListener('abort', cut);
      }
    },
    close,
  };
}
