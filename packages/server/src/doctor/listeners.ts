// Checks every address of the configuration that the server listens on: free, or taken by our own server and answering.

import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { bootListenAddress } from '../boot/addresses.ts';
import { type Config, parseAddress } from '../config/index.ts';
import { type Finding, ok, problem, reasonOf, warning } from './finding.ts';
import { holderOf, type ServerProcess } from './server-process.ts';

const ANSWER_TIMEOUT_MILLISECONDS = 5_000;

/** Every TCP address that the server listens on, by its option. */
function addresses(config: Config): [option: string, address: string][] {
  const all: [string, string | null][] = [
    ['api.listen', config.api.listen],
    ['api.ramdisk_listen', config.api.ramdisk_listen],
    ['deploy.http_listen', bootListenAddress(config)],
    ['metrics.listen', config.metrics.listen],
    ['cluster.listen', config.database.url === null ? null : config.cluster.listen],
  ];
  return all.filter((entry): entry is [string, string] => entry[1] !== null);
}

export async function checkListeners(config: Config, server: ServerProcess | undefined): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [option, address] of addresses(config)) {
    findings.push(await checkAddress(option, address, server));
  }
  if (config.dhcp.dhcp_provider === 'dnsmasq') {
    findings.push(checkInterface(config.dnsmasq.interface));
  }
  if (config.api.unix_socket !== null) {
    findings.push(await checkUnixSocket(config.api.unix_socket, server));
  }
  return findings;
}

async function checkAddress(option: string, address: string, server: ServerProcess | undefined): Promise<Finding> {
  const { host: name = '', port = 0 } = parseAddress(address) ?? {};
  if (port === 0) {
    return ok(option, `${address}: any free port.`);
  }
  let host: string;
  try {
    host = (await lookup(name)).address;
  } catch (error) {
    return problem(
      option,
      `${name} is no address and no known name (${reasonOf(error)}).`,
      `Name an address of this machine in ${option}.`,
    );
  }
  const holder = holderOf(host, port);
  if (holder !== undefined) {
    const isOurs = server !== undefined && (holder.pid === null || server.pid === null || holder.pid === server.pid);
    const who =
      holder.pid === null ? 'a process of another user' : `${holder.program ?? 'a program'} (process ${holder.pid})`;
    return isOurs
      ? ok(option, `Our server (process ${server.pid ?? 'unknown'}) listens on ${address}.`)
      : problem(option, `${address} is taken by ${who}.`, `Stop that program, or name another address in ${option}.`);
  }
  if (server !== undefined) {
    return warning(
      option,
      `The server that runs does not listen on ${address}.`,
      'Was it started with another configuration, or is it only an API or only a conductor? Otherwise restart it.',
    );
  }
  return tryAddress(option, address, host, port);
}

/** The network interface on which dnsmasq serves. */
function checkInterface(name: string | null): Finding {
  const subject = 'dnsmasq.interface';
  const found = networkInterfaces()[name ?? '']?.find(({ family }) => family === 'IPv4');
  return found === undefined
    ? problem(
        subject,
        `There is no interface "${name}" with an IPv4 address that is up.`,
        `Bring it up, or name one of: ${Object.keys(networkInterfaces()).join(', ')}.`,
      )
    : ok(subject, `${name} has the address ${found.cidr}.`);
}

/** Binds the address for a moment. */
async function tryAddress(option: string, address: string, host: string, port: number): Promise<Finding> {
  const probe = createServer();
  try {
    probe.listen({ host, port });
    await once(probe, 'listening');
    return ok(option, `${address} is free.`);
  } catch (error) {
    return problem(
      option,
      `${address} can not be listened on (${reasonOf(error)}).`,
      `Name an address of this machine in ${option}; ports below 1024 need root or CAP_NET_BIND_SERVICE.`,
    );
  } finally {
    probe.close();
  }
}

async function checkUnixSocket(path: string, server: ServerProcess | undefined): Promise<Finding> {
  const subject = 'api.unix_socket';
  if (server === undefined) {
    return ok(subject, existsSync(path) ? `${path} is left over; the next start replaces it.` : `${path} is free.`);
  }
  try {
    const status = await getHealth(path);
    return status === 200
      ? ok(subject, `The API answers on ${path}.`)
      : problem(
          subject,
          `The API answers ${status} to GET /healthcheck on ${path}.`,
          `curl --unix-socket ${path} http://localhost/healthcheck says why.`,
        );
  } catch (error) {
    return warning(
      subject,
      `The server that runs does not answer on ${path} (${reasonOf(error)}).`,
      'Is it only a conductor? Otherwise look at its log, and restart it.',
    );
  }
}

function getHealth(socketPath: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, path: '/healthcheck', timeout: ANSWER_TIMEOUT_MILLISECONDS }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${ANSWER_TIMEOUT_MILLISECONDS / 1000} s`)));
    sent.on('error', reject).end();
  });
}
