// Fetches a boot file over HTTP and TFTP, as a machine would, and looks for the boot loaders.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { agentApiUrl, bootUrl, tftpServer } from '../boot/addresses.ts';
import { CHAIN_SCRIPT_NAME } from '../boot/ipxe-script.ts';
import { loaderAdvice } from '../boot/loaders.ts';
import { GRUB_MASTER_NAME } from '../boot/pxe-script.ts';
import type { Config } from '../config/index.ts';
import type { DriverCatalog } from '../drivers/catalog.ts';
import { type Finding, ok, problem, reasonOf, warning } from './finding.ts';
import type { ServerProcess } from './server-process.ts';
import { readOverTftp } from './tftp-read.ts';

const TIMEOUT_MILLISECONDS = 5_000;

type LoaderSet = 'ipxe' | 'pxe';
/** The boot interfaces that load from the network, and which loaders they need. */
const loadersOf: Readonly<Record<string, LoaderSet>> = { ipxe: 'ipxe', 'http-ipxe': 'ipxe', pxe: 'pxe' };

/** Nothing is checked where no enabled driver boots machines from the network. */
export async function checkBootFiles(
  config: Config,
  catalog: DriverCatalog,
  server: ServerProcess | undefined,
): Promise<Finding[]> {
  const loaders = new Set(catalog.all().flatMap(({ kind, name }) => (kind === 'boot' ? (loadersOf[name] ?? []) : [])));
  if (loaders.size === 0) {
    return [];
  }
  return [
    checkAgentUrl(config),
    await checkHttp(config, server),
    await checkTftp(config, server),
    ...checkLoaders(config, loaders, server),
  ];
}

/** What is missing here keeps machines from booting from the network, and nothing else. */
function toldOrMissing<T>(subject: string, read: () => T): T | Finding {
  try {
    return read();
  } catch (error) {
    return warning(subject, 'No machine can boot from the network.', reasonOf(error));
  }
}

function checkAgentUrl(config: Config): Finding {
  const url = toldOrMissing('agent API', () => agentApiUrl(config));
  return typeof url === 'string' ? ok('agent API', `Agents are told to call ${url}.`) : url;
}

async function checkHttp(config: Config, server: ServerProcess | undefined): Promise<Finding> {
  const subject = 'boot files (HTTP)';
  const base = toldOrMissing(subject, () => bootUrl(config));
  if (typeof base !== 'string') {
    return base;
  }
  const url = `${base}/${CHAIN_SCRIPT_NAME}`;
  const file = join(config.deploy.http_root, CHAIN_SCRIPT_NAME);
  if (server === undefined || !existsSync(file)) {
    return ok(subject, `${url} can be tried when the server runs.`);
  }
  const remedy = `Does the server of deploy.http_url serve ${config.deploy.http_root}, and does a firewall let it through?`;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS) });
    const body = Buffer.from(await response.arrayBuffer());
    return response.ok && body.equals(await readFile(file))
      ? ok(subject, `GET ${url} brings the file (${body.length} bytes).`)
      : problem(subject, `GET ${url} answers ${response.status} and not the file ${file}.`, remedy);
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return problem(subject, `GET ${url} failed: ${reasonOf(cause)}.`, remedy);
  }
}

async function checkTftp(config: Config, server: ServerProcess | undefined): Promise<Finding> {
  const subject = 'boot files (TFTP)';
  const host = toldOrMissing(subject, () => tftpServer(config));
  if (typeof host !== 'string') {
    return host;
  }
  const file = join(config.pxe.tftp_root, GRUB_MASTER_NAME);
  if (server === undefined || !existsSync(file)) {
    return ok(subject, `tftp://${host}/${GRUB_MASTER_NAME} can be tried when the server runs.`);
  }
  const remedy = `Does a TFTP server on ${host} (pxe.tftp_server) serve ${config.pxe.tftp_root}? With dhcp.dhcp_provider = "dnsmasq" ours does.`;
  try {
    const body = await readOverTftp(host, GRUB_MASTER_NAME);
    return body.equals(await readFile(file))
      ? ok(subject, `TFTP from ${host} brings ${GRUB_MASTER_NAME} (${body.length} bytes).`)
      : problem(subject, `TFTP from ${host} brings another ${GRUB_MASTER_NAME} than ${file}.`, remedy);
  } catch (error) {
    return problem(subject, `${GRUB_MASTER_NAME} can not be read over TFTP: ${reasonOf(error)}.`, remedy);
  }
}

function checkLoaders(
  { pxe, deploy }: Config,
  names: ReadonlySet<LoaderSet>,
  server: ServerProcess | undefined,
): Finding[] {
  const wanted = [
    ...(names.has('ipxe')
      ? [pxe.ipxe_bootfile_name, pxe.uefi_ipxe_bootfile_name, ...Object.values(pxe.ipxe_bootfile_name_by_arch)]
      : []),
    ...(names.has('pxe')
      ? [pxe.pxe_bootfile_name, pxe.uefi_pxe_bootfile_name, ...Object.values(pxe.pxe_bootfile_name_by_arch)]
      : []),
  ];
  const roots = [pxe.tftp_root, deploy.http_root];
  const missing = wanted.filter((name) => !roots.some((root) => existsSync(join(root, name))));
  if (missing.length === 0) {
    return [ok('boot loaders', `${wanted.join(', ')} are in place.`)];
  }
  if (server === undefined) {
    return [ok('boot loaders', `They are put into ${pxe.tftp_root} when the server starts.`)];
  }
  return missing.map((name) =>
    warning('boot loaders', `"${name}" is in none of the folders of boot files.`, loaderAdvice(name)),
  );
}
