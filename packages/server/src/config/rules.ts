// Rules between options: combinations that are each valid alone and together unsafe or senseless.
import { BlockList, isIP } from 'node:net';
import { interfaceKindNames } from '@wrought/contract';
import { parseNetwork } from './networks.ts';
import { readBytes } from './raw-command.ts';
import type { ConfigValues } from './sections.ts';
import { parseAddress } from './value.ts';

/** A rule that is broken: the option to change ("section.key") and what to do about it. */
export interface BrokenRule {
  readonly key: string;
  readonly message: string;
}

/** Of `physical_network` of a port. */
const PHYSICAL_NETWORK_MAX_CHARACTERS = 64;

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Whether only this machine can reach what listens on this host. A name other than localhost counts as reachable. */
export function isLoopback(host: string): boolean {
  const family = isIP(host);
  return family === 0 ? host.toLowerCase() === 'localhost' : loopback.check(host, family === 6 ? 'ipv6' : 'ipv4');
}

/** Every rule that these values break. */
export function checkRules(values: ConfigValues): BrokenRule[] {
  return [
    ...listenRules(values),
    ...keystoneRules(values),
    ...openstackRules(values),
    ...driverRules(values),
    ...networkRules(values),
    ...eventRules(values),
    ...imageRules(values),
    ...inspectionRules(values),
    ...ipmiRules(values),
  ];
}

function* listenRules({ api, deploy, metrics }: ConfigValues): Generator<BrokenRule> {
  if (api.listen === null && api.unix_socket === null) {
    yield { key: 'api.listen', message: 'api.listen and api.unix_socket are both empty; the API needs one of them' };
  }
  const host = api.listen === null ? undefined : parseAddress(api.listen)?.host;
  if (api.auth === 'none' && !api.insecure && host !== undefined && !isLoopback(host)) {
    yield {
      key: 'api.auth',
      message:
        `"none" lets everyone who reaches ${api.listen} control every machine; use "http_basic", ` +
        'listen on 127.0.0.1, or set api.insecure = true if that is meant',
    };
  }
  const metricsHost = metrics.listen === null ? undefined : parseAddress(metrics.listen)?.host;
  if (!metrics.insecure && metricsHost !== undefined && !isLoopback(metricsHost)) {
    yield {
      key: 'metrics.listen',
      message:
        `everyone who reaches ${metrics.listen} reads the metrics; listen on 127.0.0.1, ` +
        'or set metrics.insecure = true if that is meant',
    };
  }
  if ((api.tls_certificate_file === null) !== (api.tls_key_file === null)) {
    const [missing, given] = api.tls_key_file === null ? ['key', 'certificate'] : ['certificate', 'key'];
    yield {
      key: `api.tls_${given}_file`,
      message: `TLS needs both files; api.tls_${missing}_file is not set`,
    };
  }
  for (const [key, address] of [
    ['api.ramdisk_listen', api.ramdisk_listen],
    ['deploy.http_listen', deploy.http_listen],
    ['metrics.listen', metrics.listen],
  ] as const) {
    const isFixedPort = address !== null && parseAddress(address)?.port !== 0;
    if (isFixedPort && address === api.listen) {
      yield { key, message: `${address} is taken by api.listen; name another address or port` };
    }
  }
}

function* keystoneRules({ api, keystone }: ConfigValues): Generator<BrokenRule> {
  for (const [one, other] of [
    ['application_credential_id', 'application_credential_secret'],
    ['username', 'password'],
  ] as const) {
    const [given, missing] = keystone[one] === null ? [other, one] : [one, other];
    if (keystone[given] !== null && keystone[missing] === null) {
      yield { key: `keystone.${given}`, message: `needs keystone.${missing} as well, which is not set` };
    }
  }
  if (keystone.username !== null && keystone.project_name === null) {
    yield {
      key: 'keystone.username',
      message: 'needs keystone.project_name as well, the project in which this user may validate tokens',
    };
  }
  if (keystone.username !== null && keystone.application_credential_id !== null) {
    yield {
      key: 'keystone.username',
      message: 'keystone.application_credential_id is set, too; allowed: one of the two',
    };
  }
  if (api.auth !== 'keystone') {
    return;
  }
  if (keystone.auth_url === null) {
    yield {
      key: 'api.auth',
      message: '"keystone" needs keystone.auth_url, the URL of Keystone, such as "https://keystone.example.org/v3"',
    };
  }
  if (keystone.username === null && keystone.application_credential_id === null) {
    yield {
      key: 'api.auth',
      message:
        '"keystone" needs a user of this server: keystone.username, keystone.password and keystone.project_name, or ' +
        'keystone.application_credential_id and keystone.application_credential_secret',
    };
  }
}

function* openstackRules({ keystone, neutron, nova, dhcp }: ConfigValues): Generator<BrokenRule> {
  const hasLogin =
    keystone.auth_url !== null && (keystone.username !== null || keystone.application_credential_id !== null);
  for (const [section, { auth_type, endpoint_override }] of Object.entries({ neutron, nova })) {
    if (auth_type === 'none' && endpoint_override === null) {
      yield {
        key: `${section}.auth_type`,
        message: `"none" needs ${section}.endpoint_override: without Keystone there is no catalogue`,
      };
    }
  }
  if (neutron.enabled && neutron.auth_type === 'keystone' && !hasLogin) {
    yield {
      key: 'neutron.enabled',
      message:
        'needs keystone.auth_url and a user of this server: keystone.username, keystone.password and keystone.project_name, or ' +
        'keystone.application_credential_id and keystone.application_credential_secret; or neutron.auth_type = "none"',
    };
  }
  if (neutron.host_report_url !== null && !neutron.enabled) {
    yield { key: 'neutron.host_report_url', message: 'needs neutron.enabled = true' };
  }
  if (dhcp.dhcp_provider === 'neutron' && !neutron.enabled) {
    yield { key: 'dhcp.dhcp_provider', message: '"neutron" needs neutron.enabled = true' };
  }
}

function* driverRules({ drivers }: ConfigValues): Generator<BrokenRule> {
  if (drivers.enabled.length === 0) {
    yield { key: 'drivers.enabled', message: 'no hardware type is enabled; name at least one, such as "ipmi"' };
  }
  for (const kind of interfaceKindNames) {
    const enabled = drivers[`enabled_${kind}_interfaces`];
    const chosen = drivers[`default_${kind}_interface`];
    if (chosen !== null && enabled.length > 0 && !enabled.includes(chosen)) {
      yield {
        key: `drivers.default_${kind}_interface`,
        message: `"${chosen}" is not in drivers.enabled_${kind}_interfaces (${enabled.join(', ')})`,
      };
    }
  }
}

function* networkRules({ dhcp, dnsmasq, conductor }: ConfigValues): Generator<BrokenRule> {
  if (dhcp.dhcp_provider === 'dnsmasq') {
    if (dnsmasq.interface === null) {
      yield { key: 'dnsmasq.interface', message: 'dhcp.dhcp_provider = "dnsmasq" needs the interface to serve' };
    }
    if (dnsmasq.ranges.length === 0) {
      yield { key: 'dnsmasq.ranges', message: 'dhcp.dhcp_provider = "dnsmasq" needs at least one address range' };
    }
  }
  if (conductor.host.trim() === '') {
    yield { key: 'conductor.host', message: 'the conductor needs a name; leave the option out to use the host name' };
  }
  if (conductor.conductor_cleanup_timeout < 3 * conductor.heartbeat_timeout) {
    yield {
      key: 'conductor.conductor_cleanup_timeout',
      message:
        'a conductor would be forgotten that may be back any moment; it must be at least three times ' +
        `conductor.heartbeat_timeout (${3 * conductor.heartbeat_timeout})`,
    };
  }
  if (conductor.lease_safety_margin_seconds >= conductor.lease_duration_seconds) {
    yield {
      key: 'conductor.lease_safety_margin_seconds',
      message: `must be less than conductor.lease_duration_seconds (${conductor.lease_duration_seconds})`,
    };
  } else if (conductor.heartbeat_interval >= conductor.lease_duration_seconds - conductor.lease_safety_margin_seconds) {
    yield {
      key: 'conductor.heartbeat_interval',
      message:
        'the lease would run out before it is renewed; it must be less than conductor.lease_duration_seconds - ' +
        `conductor.lease_safety_margin_seconds (${conductor.lease_duration_seconds - conductor.lease_safety_margin_seconds})`,
    };
  }
}

function* eventRules({ events }: ConfigValues): Generator<BrokenRule> {
  for (const sink of ['webhook', 'amqp', 'nats'] as const) {
    if (events.sinks.includes(sink) && events[`${sink}_url`] === null) {
      yield {
        key: `events.${sink}_url`,
        message: `events.sinks names "${sink}", which needs the URL to send events to`,
      };
    }
  }
}

function* imageRules({ image }: ConfigValues): Generator<BrokenRule> {
  for (const network of image.denied_networks) {
    if (parseNetwork(network) === undefined) {
      yield {
        key: 'image.denied_networks',
        message: `"${network}" is no network; allowed: an address, or one with a length, such as "10.0.0.0/8" or "fd00::/8"`,
      };
    }
  }
}

function* inspectionRules({ inspector }: ConfigValues): Generator<BrokenRule> {
  for (const [network, name] of Object.entries(inspector.physical_network_cidr_map)) {
    if (parseNetwork(network) === undefined || name === '' || name.length > PHYSICAL_NETWORK_MAX_CHARACTERS) {
      yield {
        key: 'inspector.physical_network_cidr_map',
        message: `"${network}" = "${name}" is no network with a name; allowed: such as "192.0.2.0/24" or "2001:db8::/64", with a name of 1 to ${PHYSICAL_NETWORK_MAX_CHARACTERS} characters`,
      };
    }
  }
}

/** Things that are allowed but that the operator should know of, as sentences for the log at start. */
export function configWarnings({ api, keystone, neutron, nova }: ConfigValues): string[] {
  const warnings: string[] = [];
  const host = api.listen === null ? undefined : parseAddress(api.listen)?.host;
  if (host !== undefined && !isLoopback(host)) {
    if (api.auth === 'none') {
      warnings.push(`api.auth is "none": everyone who reaches ${api.listen} controls every machine.`);
    } else if (api.tls_certificate_file === null) {
      warnings.push(
        `The API on ${api.listen} speaks plain HTTP: passwords and tokens cross the network in clear text. ` +
          'Set api.tls_certificate_file and api.tls_key_file.',
      );
    }
  }
  if (api.auth === 'keystone' && keystone.insecure) {
    warnings.push('keystone.insecure is true: the certificate of Keystone is not verified, so anyone may pose as it.');
  }
  if (neutron.enabled && neutron.insecure) {
    warnings.push('neutron.insecure is true: the certificate of Neutron is not verified, so anyone may pose as it.');
  }
  if (nova.insecure) {
    warnings.push('nova.insecure is true: the certificate of Nova is not verified, so anyone may pose as it.');
  }
  return warnings;
}

function* ipmiRules({ ipmi }: ConfigValues): Generator<BrokenRule> {
  for (const text of ipmi.raw_deny) {
    const read = readBytes(text);
    if ('wrong' in read || read.bytes.length === 0) {
      yield {
        key: 'ipmi.raw_deny',
        message: `"${text}" is not how a raw command begins; allowed: numbers 0x00 to 0xff, or 0 to 255, with spaces between them`,
      };
    }
  }
}
