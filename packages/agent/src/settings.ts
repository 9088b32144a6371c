// The agent's settings: from the kernel command line in a ramdisk, from `name=value` arguments in a test.
import { AGENT_PORT, KERNEL_PARAMETER } from '@wrought/contract';
import { parseBootInterface, parseKernelCommandLine } from './kernel-command-line.ts';
import { isTrue } from './params.ts';

export type AgentSettings = {
  /** Base URL of the server, without a slash at its end. */
  apiUrl: string;
  inspectionCallbackUrl: string | null;
  /** A token handed over beforehand, such as by virtual media. */
  agentToken: string | null;
  debug: boolean;
  collectLldp: boolean;
  lldpTimeoutSeconds: number;
  /** Certificates of API and image servers are not checked. */
  insecure: boolean;
  /** File of certificate authorities for API and image servers. */
  cafile: string | null;
  listenHost: string;
  listenPort: number;
  /** Address told to the server; the one from which it is reached when null. */
  advertiseHost: string | null;
  /** MAC of the interface that booted. */
  bootInterface: string | null;
  /** How long one attempt to connect to an image server, or to hear the next byte from it, may take. */
  imageConnectionTimeoutSeconds: number;
  /** Attempts in a row without a byte before a download fails, and the pause between them. */
  imageConnectionRetries: number;
  imageRetryIntervalSeconds: number;
  /** Folder for state that outlives a restart of the agent but not of the machine. */
  runDirectory: string;
};

/** The settings of our own, beside those of Ironic's agent in `KERNEL_PARAMETER`. */
const EXTRA_PARAMETER = {
  imageConnectionTimeoutSeconds: 'ipa-image-download-connection-timeout',
  imageConnectionRetries: 'ipa-image-download-connection-retries',
  imageRetryIntervalSeconds: 'ipa-image-download-connection-retry-interval',
  runDirectory: 'wrought-run-directory',
} as const;

/**
 * Reads settings from a kernel command line, overridden by arguments of the form `name=value`.
 *
 * @throws Error when the server's URL is missing or a number is none.
 */
export function readSettings(commandLine: string, overrides: readonly string[]): AgentSettings {
  const parameters = parseKernelCommandLine(commandLine);
  for (const override of overrides) {
    const equals = override.indexOf('=');
    if (equals > 0) parameters.set(override.slice(0, equals), override.slice(equals + 1));
  }
  const text = (name: string): string | null => parameters.get(name) || null;
  const flag = (name: string): boolean => isTrue(parameters.get(name) === '' ? 'true' : parameters.get(name), false);
  const number = (name: string, fallback: number): number => {
    const value = text(name);
    if (value === null) return fallback;
    if (!/^\d+(\.\d+)?$/.test(value)) throw new Error(`kernel parameter ${name} must be a number, but is "${value}"`);
    return Number(value);
  };
  const apiUrl = text(KERNEL_PARAMETER.apiUrl);
  if (apiUrl === null) {
    throw new Error(
      `kernel parameter ${KERNEL_PARAMETER.apiUrl} is missing: the agent does not know its server; ` +
        'check the boot configuration that started this ramdisk, or the virtual drive with its parameters',
    );
  }
  return {
    apiUrl: apiUrl.replace(/\/+$/, ''),
    inspectionCallbackUrl: text(KERNEL_PARAMETER.inspectionCallbackUrl),
    agentToken: text(KERNEL_PARAMETER.agentToken),
    debug: flag(KERNEL_PARAMETER.debug),
    collectLldp: flag(KERNEL_PARAMETER.collectLldp),
    lldpTimeoutSeconds: number(KERNEL_PARAMETER.lldpTimeoutSeconds, 30),
    insecure: flag(KERNEL_PARAMETER.insecure),
    cafile: text(KERNEL_PARAMETER.cafile),
    listenHost: text(KERNEL_PARAMETER.listenHost) ?? '::',
    listenPort: number(KERNEL_PARAMETER.listenPort, AGENT_PORT),
    advertiseHost: text(KERNEL_PARAMETER.advertiseHost),
    bootInterface: parseBootInterface(parameters.get(KERNEL_PARAMETER.bootInterface)),
    imageConnectionTimeoutSeconds: number(EXTRA_PARAMETER.imageConnectionTimeoutSeconds, 60),
    imageConnectionRetries: number(EXTRA_PARAMETER.imageConnectionRetries, 9),
    imageRetryIntervalSeconds: number(EXTRA_PARAMETER.imageRetryIntervalSeconds, 10),
    runDirectory: text(EXTRA_PARAMETER.runDirectory) ?? '/run/wrought-agent',
  };
}
