// The services of the cloud that this server uses, each loaded and opened with its first use.
import type { Config } from '../config/index.ts';
import type { HostReporter } from './host-reports.ts';
import type { KeystoneSession } from './keystone/session.ts';
import type { Neutron } from './neutron.ts';
import type { Nova } from './nova.ts';
import type { Service } from './service.ts';

export interface Cloud {
  /** `neutron.enabled`. */
  readonly hasNeutron: boolean;
  /** @throws Error when a CA file can not be read */
  neutron(): Promise<Neutron>;
  /** There is a Nova to tell of power changes. */
  readonly hasNova: boolean;
  nova(): Promise<Nova>;
  /** Neutron is told which physical networks machines are on. */
  readonly hasHostReports: boolean;
  hostReporter(): Promise<HostReporter>;
  close(): Promise<void>;
}

/** Makes the access; nothing is loaded or asked before a service is used. Its options need a restart to change. */
export function createCloud(config: Config): Cloud {
  const { keystone, neutron, nova } = config;
  const closers: (() => Promise<void>)[] = [];
  let session: Promise<KeystoneSession> | undefined;
  let openedNeutron: Promise<Neutron> | undefined;
  let openedReporter: Promise<HostReporter> | undefined;
  let openedNova: Promise<Nova> | undefined;

  async function openKeystone(): Promise<KeystoneSession> {
    const [{ openConnection }, { openSession }] = await Promise.all([
      import('./keystone/connection.ts'),
      import('./keystone/session.ts'),
    ]);
    const connection = openConnection(keystone);
    closers.push(() => connection.close());
    return openSession(keystone, connection);
  }

  async function open(name: string, section: 'neutron' | 'nova', time: readonly [string, number]): Promise<Service> {
    const { openService } = await import('./service.ts');
    session ??= openKeystone();
    const [timeoutOption, timeoutSeconds] = time;
    const service = openService({ name, section, config, session: await session, timeoutOption, timeoutSeconds });
    closers.push(() => service.close());
    return service;
  }

  async function openNeutron(): Promise<Neutron> {
    const { createNeutron } = await import('./neutron.ts');
    return createNeutron(await open('Neutron', 'neutron', ['request_timeout', neutron.request_timeout]));
  }

  async function openNova(): Promise<Nova> {
    const { createNova } = await import('./nova.ts');
    return createNova(await open('Nova', 'nova', ['timeout', nova.timeout]));
  }

  async function openReporter(): Promise<HostReporter> {
    const { createHostReporter } = await import('./host-reports.ts');
    const reporter = createHostReporter(config);
    closers.push(() => reporter.close());
    return reporter;
  }

  const hasLogin =
    keystone.auth_url !== null && (keystone.username !== null || keystone.application_credential_id !== null);
  return {
    hasNeutron: neutron.enabled,
    neutron() {
      openedNeutron ??= openNeutron();
      return openedNeutron;
    },
    hasNova: nova.send_power_notifications && (nova.auth_type === 'none' || hasLogin),
    nova() {
      openedNova ??= openNova();
      return openedNova;
    },
    hasHostReports: neutron.host_report_url !== null,
    hostReporter() {
      openedReporter ??= openReporter();
      return openedReporter;
    },
    async close() {
      await Promise.all(closers.map((close) => close()));
    },
  };
}
