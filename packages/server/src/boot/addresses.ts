// Under which addresses machines find this server: its boot files, its TFTP server, its API.

import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { registeredError } from '@wrought/contract';
import { type Config, isLoopback, parseAddress } from '../config/index.ts';

/** Port of the boot file server when it listens on the interface that dnsmasq serves because nobody named an address. */
const DEFAULT_BOOT_PORT = 8088;

const isAnyAddress = (host: string) => host === '0.0.0.0' || host === '::';
const inUrl = (host: string) => (isIPv6(host) ? `[${host}]` : host);

function missing(key: string, what: string) {
  return registeredError('MissingParameterValue', {
    reason: `Machines can not be told ${what}. Set ${key} in the configuration of the server.`,
  });
}

/** The first IPv4 address of a network interface, or null. */
function addressOfInterface(name: string | null): string | null {
  const addresses = name === null ? undefined : networkInterfaces()[name];
  return addresses?.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? null;
}

/** "HOST:PORT" where boot files are served, or null when another server serves them. */
export function bootListenAddress(config: Config): string | null {
  if (
    config.deploy.http_listen !== null ||
    config.dhcp.dhcp_provider !== 'dnsmasq' ||
    config.deploy.http_url !== null
  ) {
    return config.deploy.http_listen;
  }
  const address = addressOfInterface(config.dnsmasq.interface);
  return address === null ? null : `${address}:${DEFAULT_BOOT_PORT}`;
}

/**
 * URL of the HTTP root, without a slash at its end.
 * @throws MissingParameterValue when the configuration does not tell
 */
export function bootUrl(config: Config): string {
  if (config.deploy.http_url !== null) {
    return config.deploy.http_url.replace(/\/+$/, '');
  }
  const listen = parseAddress(bootListenAddress(config) ?? '');
  if (listen === undefined || listen.port === 0) {
    throw missing('deploy.http_listen or deploy.http_url', 'where their boot files are');
  }
  const host = isAnyAddress(listen.host) ? addressOfInterface(config.dnsmasq.interface) : listen.host;
  if (host === null) {
    throw missing('deploy.http_url', 'where their boot files are');
  }
  return `http://${inUrl(host)}:${listen.port}`;
}

/**
 * Address of the TFTP server.
 * @throws MissingParameterValue
 */
export function tftpServer(config: Config): string {
  return config.pxe.tftp_server ?? addressOfInterface(config.dnsmasq.interface) ?? new URL(bootUrl(config)).hostname;
}

/**
 * URL of the API for agents, without a slash at its end.
 * @throws MissingParameterValue when only this machine could reach it
 */
export function agentApiUrl(config: Config): string {
  const { api } = config;
  if (api.public_endpoint !== null) {
    return api.public_endpoint.replace(/\/+$/, '').replace(/\/v1$/, '');
  }
  const listen = parseAddress(api.ramdisk_listen ?? api.listen ?? '');
  const host =
    listen !== undefined && isAnyAddress(listen.host) ? addressOfInterface(config.dnsmasq.interface) : listen?.host;
  if (listen === undefined || host === null || host === undefined || listen.port === 0 || isLoopback(host)) {
    throw missing('api.ramdisk_listen or api.public_endpoint', 'where the API is that their agent calls');
  }
  return `${api.tls_certificate_file === null ? 'http' : 'https'}://${inUrl(host)}:${listen.port}`;
}
