// BMCs through the IPMI library, in this process: thousands of them on one socket.
import {
  type BootDevice,
  type BootFlags,
  behaviourOf,
  bootOptions,
  type Connection,
  chassisControl,
  chassisIdentify,
  coldReset,
  getChassisStatus,
  getDeviceId,
  getSystemBootOption,
  readSensors,
  requestBoot,
  SessionLostError,
  setSystemBootOption,
  TimeoutError,
  warmReset,
} from '@wrought/ipmi';
import type { SensorReading, Task } from '../../kit/index.ts';
import type { IpmiBackend, IpmiBootDevice } from '../backend.ts';
import type { BmcCalls, BmcCommand } from '../bmc-calls.ts';
import { bootDevices } from '../boot-device.ts';
import { readConnection } from '../connection.ts';
import { AnswerLostError, failureOf } from './failure.ts';
import { createKnownSdrs } from './known-sdrs.ts';
import { sensorReading } from './sensors.ts';
import { bridgeTarget, type Sessions } from './sessions.ts';

/** One try ends after so long without an answer; how often it is tried again is ipmi.command_retry_timeout. */
const TRY_MILLISECONDS = 10_000;

const controls = {
  on: 'power up',
  off: 'power down',
  soft: 'soft shutdown',
  diag: 'pulse diagnostic interrupt',
} as const;

const devices = {
  none: 'no override',
  pxe: 'PXE',
  disk: 'hard drive',
  cdrom: 'CD/DVD',
  bios: 'BIOS setup',
  safe: 'hard drive, safe mode',
} as const;

const deviceNames = new Map<unknown, IpmiBootDevice>(bootDevices.map((name) => [devices[name], name]));

/** The hard drive as this BMC numbers it for UEFI; most take the number that it has in the specification. */
async function uefiHardDrive(connection: Connection): Promise<BootDevice> {
  return behaviourOf(await getDeviceId(connection)).uefiHardDrive;
}

/** Which device the flags mean; null for one that no node can ask for. */
async function deviceOf(connection: Connection, { device, efi }: BootFlags): Promise<IpmiBootDevice | null> {
  const known = deviceNames.get(device);
  if (known !== undefined || !efi) {
    return known ?? null;
  }
  return device === (await uefiHardDrive(connection)) ? 'disk' : null;
}

/**
 * Sends what must not be sent twice, once the BMC has answered something harmless: silence then is no lack of a session.
 * @throws AnswerLostError when the BMC may have carried it out
 */
async function sendOnce<Result>(connection: Connection, send: () => Promise<Result>): Promise<Result> {
  await getDeviceId(connection);
  try {
    return await send();
  } catch (error) {
    if (error instanceof TimeoutError) {
      throw new AnswerLostError('nothing; it may have been carried out', { cause: error });
    }
    throw error;
  }
}

/** A BMC that begins at once has no time to answer. */
async function reset(connection: Connection, manner: 'warm' | 'cold'): Promise<void> {
  try {
    await sendOnce(connection, () => (manner === 'warm' ? warmReset(connection) : coldReset(connection)));
  } catch (error) {
    const hasNotAnswered =
      error instanceof AnswerLostError || (error instanceof SessionLostError && error.mayHaveHappened);
    if (!hasNotAnswered) {
      throw error;
    }
  }
}

/** Makes the backend. */
export function nativeBackend(calls: BmcCalls, sessions: Sessions): IpmiBackend {
  const sdrs = createKnownSdrs();

  /** Runs `work` over a connection to the BMC, or to the controller behind it that the node names. */
  function perform<Result>(
    task: Task,
    command: BmcCommand,
    work: (connection: Connection) => Promise<Result>,
  ): Promise<Result> {
    return calls.perform(task, command, async (given, longestMilliseconds) => {
      let cipherSuite: string | null = null;
      try {
        const session = sessions.of(given, task.config);
        const target = bridgeTarget(given);
        const way = target === undefined ? session : session.bridge(target);
        const limits = { signal: task.abortSignal, timeout: Math.min(longestMilliseconds, TRY_MILLISECONDS) };
        const bounded: Connection = {
          request(request, options) {
            // Reading hundreds of sensors takes longer than a session may lie idle.
            sessions.used(given);
            return way.request(request, { ...limits, ...options });
          },
        };
        try {
          return { result: await work(bounded) };
        } finally {
          cipherSuite = session.suite === undefined ? null : String(session.suite);
        }
      } catch (error) {
        const failure = failureOf(error);
        if (failure === undefined) {
          throw error;
        }
        return { failure, cipherSuite };
      }
    });
  }

  const named = (operation: string, shownAs = operation): BmcCommand => ({ operation, shownAs });

  return {
    deviceIds: (task) => perform(task, named('mc info'), (connection) => getDeviceId(connection)),
    powerState: (task) =>
      perform(task, named('chassis power', 'chassis power status'), async (connection) =>
        (await getChassisStatus(connection)).powerOn ? 'power on' : 'power off',
      ),
    controlPower: (task, control) =>
      perform(task, named('chassis power', `chassis power ${control}`), (connection) =>
        control === 'diag'
          ? sendOnce(connection, () => chassisControl(connection, controls[control]))
          : chassisControl(connection, controls[control]),
      ),
    setBootDevice: (task, { device, persistent, isUefi }) =>
      perform(task, named('chassis bootdev', `chassis bootdev ${device}`), async (connection) =>
        requestBoot(connection, {
          device: isUefi && device === 'disk' ? await uefiHardDrive(connection) : devices[device],
          persistent,
          efi: isUefi,
        }),
      ),
    keepBootDevice: (task) =>
      perform(task, named('chassis bootparam', 'chassis bootparam set 3'), (connection) =>
        setSystemBootOption(connection, bootOptions.keepBootFlagsValid, {
          powerButton: false,
          resetButton: false,
          watchdog: false,
          sixtySeconds: true,
          platformEventFilter: false,
        }),
      ),
    bootDevice: (task) =>
      perform(task, named('chassis bootparam', 'chassis bootparam get 5'), async (connection) => {
        const { value } = await getSystemBootOption(connection, bootOptions.bootFlags);
        return {
          device: await deviceOf(connection, value),
          persistent: value.persistent,
          isValid: value.valid,
        };
      }),
    async sendRaw(task, [netFn = 0, command = 0, ...data]) {
      await perform(task, named('raw', `raw (${data.length + 2} bytes)`), (connection) =>
        sendOnce(connection, () =>
          connection.request({ netFn, command, data: Uint8Array.from(data) }, { repeatable: false }),
        ),
      );
    },
    resetBmc: (task, manner) =>
      perform(task, named('bmc reset', `bmc reset ${manner}`), (connection) => reset(connection, manner)),
    identify: (task, isOn) =>
      perform(task, named('chassis identify', `chassis identify ${isOn ? 'on' : 'off'}`), (connection) =>
        chassisIdentify(connection, isOn ? 'on' : 0),
      ),
    identifyState: (task) =>
      perform(task, named('chassis status'), async (connection) => {
        const { identify } = await getChassisStatus(connection);
        if (identify === undefined) {
          return 'unknown';
        }
        return identify === 'off' ? 'off' : 'on';
      }),
    sensors: (task) =>
      perform(task, named('sdr'), async (connection) => {
        const records = await sdrs.of(readConnection(task.node), connection, task.config);
        const readings: SensorReading[] = [];
        for await (const sensor of readSensors(connection, { records })) {
          readings.push(await sensorReading(connection, sensor));
        }
        return readings;
      }),
  };
}
