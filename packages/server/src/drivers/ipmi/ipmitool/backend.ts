// BMCs through the program ipmitool, one process for each try: with the cipher suite that the BMC takes.
import { registeredError } from '@wrought/contract';
import type { Task } from '../../kit/index.ts';
import type { IpmiBackend } from '../backend.ts';
import type { BmcCalls, Tried } from '../bmc-calls.ts';
import { endpointOf, type IpmiConnection, readConnection } from '../connection.ts';
import type { Failure } from '../failure.ts';
import { classifyFailure } from './classify-failure.ts';
import { parseBootFlags, parseDeviceIds, parseIdentifyState, parsePowerStatus } from './parse.ts';
import { IpmitoolMissingError, runIpmitool } from './run.ts';
import { parseSensors } from './sensors.ts';

/** Tried when neither node nor configuration names any: the stronger one first, then the one that every BMC has. */
const DEFAULT_CIPHER_SUITES = ['17', '3'];

/** Set System Boot Options, parameter 3 (boot flag valid bit clearing): do not clear after 60 seconds (IPMI 2.0, table 28-14). */
const KEEP_BOOT_DEVICE = ['raw', '0x00', '0x08', '0x03', '0x08'];

/** Get Chassis Status (IPMI 2.0, 28.2): ipmitool does not print the identify light. */
const GET_CHASSIS_STATUS = ['raw', '0x00', '0x01'];

/** Set System Boot Options, parameter 5 (boot flags), with the first byte for UEFI: once, or for every boot (table 28-14). */
const setBootFlags = (persistent: boolean, selector: number) => [
  'raw',
  '0x00',
  '0x08',
  '0x05',
  persistent ? '0xe0' : '0xa0',
  `0x${(selector << 2).toString(16)}`,
  ...EMPTY_FLAGS,
];
const EMPTY_FLAGS = ['0x00', '0x00', '0x00'];

/** Where Supermicro has the hard drive for UEFI (table 28-14: primary remote media). */
const PRIMARY_REMOTE_MEDIA = 9;

/** Makes the backend; it remembers the cipher suite that each BMC took. */
export function ipmitoolBackend(calls: BmcCalls): IpmiBackend {
  const knownSuites = new Map<string, string>();

  function suitesFor(task: Task, connection: IpmiConnection, endpoint: string): readonly (string | null)[] {
    if (connection.protocolVersion === '1.5') {
      return [null];
    }
    if (connection.cipherSuite !== null) {
      return [connection.cipherSuite];
    }
    const configured = task.config.ipmi.cipher_suite_versions;
    const candidates = configured.length > 0 ? configured : DEFAULT_CIPHER_SUITES;
    const known = knownSuites.get(endpoint);
    return known === undefined ? candidates : [known, ...candidates.filter((each) => each !== known)];
  }

  /** One try: the cipher suites in turn until one is taken. */
  async function tryOnce(
    task: Task,
    connection: IpmiConnection,
    words: readonly string[],
    killAfterMilliseconds: number,
  ): Promise<Tried<string>> {
    const { ipmi } = task.config;
    const endpoint = endpointOf(connection);
    let last: { failure: Failure; cipherSuite: string | null } | undefined;
    for (const cipherSuite of suitesFor(task, connection, endpoint)) {
      const result = await runIpmitool(connection, {
        program: ipmi.program,
        packetTimeoutSeconds: Math.max(1, Math.round(ipmi.min_command_interval)),
        cipherSuite,
        words,
        passwordInEnvironment: ipmi.store_cred_in_env,
        killAfterMilliseconds,
        abortSignal: task.abortSignal,
      });
      if (result.exitCode === 0) {
        if (cipherSuite !== null) {
          knownSuites.set(endpoint, cipherSuite);
        }
        return { result: result.stdout };
      }
      const failure: Failure = result.wasKilled
        ? {
            kind: 'silence',
            answer: `nothing; ipmitool was ended after ${Math.round(killAfterMilliseconds / 1000)} s`,
            advice: 'The BMC hangs. Look at it, or reset it.',
          }
        : classifyFailure(result.output);
      last = { failure, cipherSuite };
      if (failure.kind !== 'cipher' && failure.kind !== 'cipher or silence') {
        break;
      }
    }
    if (last === undefined) {
      throw new Error('No cipher suite to try: ipmi.cipher_suite_versions is empty.');
    }
    return last;
  }

  async function send(task: Task, words: readonly string[], shownAs = words.join(' ')): Promise<string> {
    // The rest are values: a boot device, bytes.
    const operation = words.slice(0, words[0] === 'raw' ? 1 : 2).join(' ');
    try {
      return await calls.perform(task, { operation, shownAs }, (connection, longestMilliseconds) =>
        tryOnce(task, connection, words, longestMilliseconds),
      );
    } catch (error) {
      if (error instanceof IpmitoolMissingError) {
        throw registeredError('DriverOperationError', { driver: 'ipmitool', reason: error.message });
      }
      throw error;
    }
  }

  function notUnderstood(task: Task, command: string, output: string, lack: string) {
    const { address } = readConnection(task.node);
    return registeredError('DriverOperationError', {
      driver: 'ipmitool',
      reason: `the BMC at ${address} answered "${command}" with ${JSON.stringify(output.trim().slice(0, 200))}, which names no ${lack}.`,
    });
  }

  async function deviceIds(task: Task) {
    const output = await send(task, ['mc', 'info']);
    const ids = parseDeviceIds(output);
    if (ids === null) {
      throw notUnderstood(task, 'mc info', output, 'manufacturer and product');
    }
    return ids;
  }

  /** Whether the BMC numbers the hard drive for UEFI in its own way. */
  async function hasRemoteHardDrive(task: Task): Promise<boolean> {
    const { behaviourOf } = await import('@wrought/ipmi/quirks');
    return behaviourOf(await deviceIds(task)).uefiHardDrive === 'primary remote media';
  }

  return {
    deviceIds,
    async powerState(task) {
      const output = await send(task, ['chassis', 'power', 'status']);
      const state = parsePowerStatus(output);
      if (state === null) {
        throw notUnderstood(task, 'chassis power status', output, 'power state');
      }
      return state;
    },
    async controlPower(task, control) {
      await send(task, ['chassis', 'power', control]);
    },
    async setBootDevice(task, { device, persistent, isUefi }) {
      if (isUefi && device === 'disk' && (await hasRemoteHardDrive(task))) {
        await send(task, setBootFlags(persistent, PRIMARY_REMOTE_MEDIA), 'chassis bootdev disk');
        return;
      }
      const options = [...(persistent ? ['persistent'] : []), ...(isUefi ? ['efiboot'] : [])];
      const given = options.length > 0 ? [`options=${options.join(',')}`] : [];
      await send(task, ['chassis', 'bootdev', device, ...given]);
    },
    async keepBootDevice(task) {
      await send(task, KEEP_BOOT_DEVICE);
    },
    async bootDevice(task) {
      const output = await send(task, ['chassis', 'bootparam', 'get', '5']);
      const flags = parseBootFlags(output);
      if (flags === null) {
        throw notUnderstood(task, 'chassis bootparam get 5', output, 'boot flags');
      }
      const isRemote = flags.mode === 'uefi' && flags.selector === PRIMARY_REMOTE_MEDIA;
      return isRemote && (await hasRemoteHardDrive(task)) ? { ...flags, device: 'disk' } : flags;
    },
    async sendRaw(task, bytes) {
      await send(task, ['raw', ...bytes.map((byte) => `0x${byte.toString(16)}`)], `raw (${bytes.length} bytes)`);
    },
    async resetBmc(task, manner) {
      await send(task, ['bmc', 'reset', manner]);
    },
    async identify(task, isOn) {
      await send(task, ['chassis', 'identify', isOn ? 'force' : '0']);
    },
    async identifyState(task) {
      return parseIdentifyState(await send(task, GET_CHASSIS_STATUS, 'chassis status'));
    },
    sensors: async (task) => parseSensors(await send(task, ['-v', 'sdr'])),
  };
}
