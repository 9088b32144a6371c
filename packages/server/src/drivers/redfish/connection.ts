// Reads how to reach a Redfish service out of driver_info, and refuses what can not be.
import { statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { type Node, registeredError } from '@wrought/contract';
import type { Config } from '../../config/index.ts';
import { type DriverInfo, driverInfo } from '../kit/index.ts';

export const authenticationTypes = ['auto', 'session', 'basic'] as const;
const tlsVersions = ['1.1', '1.2', '1.3'] as const;

export interface RedfishConnection {
  /** As the library takes it: an URL with the path of the service root, where one is given. */
  readonly url: string;
  /** Path of the ComputerSystem; null: the only one that the BMC has. */
  readonly systemPath: string | null;
  readonly username: string | null;
  readonly password: string;
  readonly authentication: (typeof authenticationTypes)[number];
  /** true: the authorities of the system; a path: these; false: certificates are not checked. */
  readonly verifyCa: boolean | string;
  readonly minimumTlsVersion: (typeof tlsVersions)[number];
  readonly tlsCiphers: string | null;
}

function urlOf(info: DriverInfo): string {
  const given = info.required('redfish_address', 'to reach its BMC').trim();
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(given) ? given : `https://${given}`;
  const allowed = 'https://HOST[:PORT][/PATH], or the same with http; the user is given in redfish_username';
  if (!URL.canParse(withScheme)) {
    throw info.invalid('redfish_address', allowed);
  }
  const { protocol, username, hostname, search, hash } = new URL(withScheme);
  if (!['https:', 'http:'].includes(protocol) || username !== '' || hostname === '' || search !== '' || hash !== '') {
    throw info.invalid('redfish_address', allowed);
  }
  return withScheme;
}

function systemPathOf(info: DriverInfo): string | null {
  const path = info.text('redfish_system_id');
  if (path !== null && !/^\/[\x21-\x7e]+$/.test(path)) {
    throw info.invalid('redfish_system_id', 'the path of a ComputerSystem, such as /redfish/v1/Systems/1');
  }
  return path;
}

function verifyCaOf(info: DriverInfo, { uuid, driver_info }: Node, config: Config): boolean | string {
  const key = 'redfish_verify_ca';
  const given = driver_info[key];
  if (typeof given !== 'string' || !isAbsolute(given)) {
    try {
      return info.boolean(key) ?? config.redfish.verify_ca;
    } catch {
      throw info.invalid(key, 'true, false, or the absolute path of a file or folder of certificate authorities');
    }
  }
  if (statSync(given, { throwIfNoEntry: false }) === undefined) {
    throw registeredError('InvalidParameterValue', {
      reason: `driver_info/${key} of node ${uuid} names ${given}, which is not there on this server.`,
    });
  }
  return given;
}

/**
 * Reads and checks all keys that the Redfish interfaces have in common.
 * @throws MissingParameterValue, InvalidParameterValue
 */
export function readConnection(node: Node, config: Config): RedfishConnection {
  const info = driverInfo(node);
  const username = info.text('redfish_username');
  const password = info.text('redfish_password');
  if (username === null && password !== null) {
    throw registeredError('MissingParameterValue', {
      reason: `Node ${node.uuid} has driver_info/redfish_password but no driver_info/redfish_username.`,
    });
  }
  return {
    url: urlOf(info),
    systemPath: systemPathOf(info),
    username,
    password: password ?? '',
    authentication: info.oneOf('redfish_auth_type', authenticationTypes) ?? config.redfish.auth_type,
    verifyCa: verifyCaOf(info, node, config),
    minimumTlsVersion: info.oneOf('redfish_tls_minimum_version', tlsVersions) ?? config.redfish.tls_minimum_version,
    tlsCiphers: info.text('redfish_tls_ciphers') ?? config.redfish.tls_ciphers,
  };
}

/** Scheme, host and port, for queues and messages. */
export function endpointOf({ url }: RedfishConnection): string {
  return new URL(url).origin;
}
