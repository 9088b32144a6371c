// System boot options: the parameters, and the order in which a wish for the next boot is set (IPMI 2.0, 28.12 to 28.14).
import { networkFunction } from '../codec/message.ts';
import type { Connection } from '../connection.ts';
import { CompletionCodeError } from '../errors.ts';
import { flags } from './bit-fields.ts';
import { type BootFlags, bootFlags, noBootFlags } from './boot-flags.ts';
import { FieldReader } from './field-reader.ts';
import { type Parameter, parameter, parameterCompletionCodes, type SetInProgress, setInProgress } from './parameter.ts';

const netFn = networkFunction.chassis;

const keepingReasons = flags({ powerButton: 0, resetButton: 1, watchdog: 2, sixtySeconds: 3, platformEventFilter: 4 });

/** Who may confirm that it has seen the boot options; each clears the flags that were meant for it. */
const acknowledgers = flags({ bios: 0, osLoader: 1, servicePartition: 2, systemManagementSoftware: 3, oem: 4 });

/** The parameters of table 28-14, each for getSystemBootOption and setSystemBootOption. */
export const bootOptions = {
  setInProgress,
  /** Which partition the service partition selector names; 0 is none. */
  servicePartitionSelector: parameter(
    1,
    'service partition selector',
    (reader) => reader.u8('selector'),
    (selector) => [selector],
  ),
  servicePartitionScan: parameter(
    2,
    'service partition scan',
    (reader) => flags({ discovered: 0, scanRequested: 1 }).decode(reader.u8('scan')),
    (scan) => [flags({ discovered: 0, scanRequested: 1 }).encode(scan)],
  ),
  /**
   * What does not clear the valid bit of the boot flags. `sixtySeconds`: the BMC clears it by itself when no chassis
   * command comes for 60 s, unless this is set.
   */
  keepBootFlagsValid: parameter(
    3,
    'BMC boot flag valid bit clearing',
    (reader) => keepingReasons.decode(reader.u8('reasons')),
    (reasons) => [keepingReasons.encode(reasons)],
  ),
  /** `write` says which acknowledgements are written; in answers it is clear. */
  bootInfoAcknowledge: parameter(
    4,
    'boot info acknowledge',
    (reader) => ({
      write: acknowledgers.decode(reader.u8('write mask')),
      acknowledged: acknowledgers.decode(reader.u8('acknowledge data')),
    }),
    ({ write, acknowledged }) => [acknowledgers.encode(write), acknowledgers.encode(acknowledged)],
  ),
  bootFlags,
  /** Who asked for the boot: channel, session (0: none), and when, in seconds of the BMC's clock. */
  bootInitiatorInfo: parameter(
    6,
    'boot initiator info',
    (reader) => ({
      channel: reader.u8('channel') & 0x0f,
      sessionId: reader.u32('session id'),
      timestamp: reader.u32('timestamp'),
    }),
    ({ channel, sessionId, timestamp }) => {
      const bytes = Buffer.alloc(9, channel);
      bytes.writeUInt32LE(sessionId, 1);
      bytes.writeUInt32LE(timestamp, 5);
      return bytes;
    },
  ),
  /** A block of 16 bytes; the first one begins with the manufacturer whose message it is. */
  bootInitiatorMailbox: parameter(
    7,
    'boot initiator mailbox',
    (reader) => ({ set: reader.u8('set selector'), block: reader.rest() }),
    ({ set, block }: { readonly set: number; readonly block: Uint8Array }) => [set, ...block],
  ),
} as const;

/** Get System Boot Options (28.13). `locked`: the BMC marks the parameter as invalid or locked. */
export async function getSystemBootOption<Value>(
  connection: Connection,
  option: Parameter<Value>,
  set = 0,
): Promise<{ readonly value: Value; readonly locked: boolean }> {
  const data = Uint8Array.of(option.number, set, 0);
  const reader = new FieldReader(await connection.request({ netFn, command: 0x09, data }), 'Get System Boot Options');
  reader.u8('parameter version');
  const selector = reader.u8('parameter selector');
  return { value: option.decode(reader.rest()), locked: (selector & 0x80) !== 0 };
}

/** Set System Boot Options (28.12). `lock` marks the parameter as invalid or locked. */
export async function setSystemBootOption<Value>(
  connection: Connection,
  option: Parameter<Value>,
  value: Value,
  { lock = false } = {},
): Promise<void> {
  const data = Uint8Array.of(option.number | (lock ? 0x80 : 0), ...option.encode(value));
  await connection.request({ netFn, command: 0x08, data }, { repeatable: true });
}

/** "Not supported", in the words that BMCs use for it. */
const refusals: ReadonlySet<number> = new Set([
  parameterCompletionCodes.notSupported,
  parameterCompletionCodes.readOnly,
  0xc9,
  0xcc,
  0xd5,
]);

/** Sets a parameter that BMCs may lack without harm to what is wanted; false when this one does. */
async function setIfSupported<Value>(
  connection: Connection,
  option: Parameter<Value>,
  value: Value,
  alsoTolerated?: number,
): Promise<boolean> {
  try {
    await setSystemBootOption(connection, option, value);
    return true;
  } catch (error) {
    if (error instanceof CompletionCodeError && (refusals.has(error.code) || error.code === alsoTolerated))
      return false;
    throw error;
  }
}

const toBios = { write: acknowledgers.decode(0x01), acknowledged: acknowledgers.decode(0x01) };

export interface RequestBootOptions {
  /**
   * What must not clear the valid bit. `{ sixtySeconds: true }` keeps the wish until the machine boots, however long
   * that takes. Absent: the BMC's own rules stay.
   */
  readonly keepValid?: Parameters<typeof keepingReasons.encode>[0];
}

/**
 * Asks for the next boot, in the order that firmware relies on: set in progress, the rules for the valid bit, the
 * acknowledgement of an earlier wish, the boot flags, commit, set complete. Flags that are absent are clear; `valid` is
 * set. "Set in progress" is a notice and no lock (28.14): one that another client left behind does not keep us from it. A
 * BMC that does not know the rules for the valid bit does not clear it either, so that its refusal does no harm.
 */
export async function requestBoot(
  connection: Connection,
  wish: Partial<BootFlags>,
  options: RequestBootOptions = {},
): Promise<void> {
  const announce = (state: SetInProgress) =>
    // Some BMCs answer this to every state but "set complete" while parameters are being set.
    setIfSupported(connection, setInProgress, state, parameterCompletionCodes.setInProgressByOther);
  const announced = await announce('set in progress');
  try {
    if (options.keepValid !== undefined) {
      const keepValid = { ...keepingReasons.decode(0), ...options.keepValid };
      await setIfSupported(connection, bootOptions.keepBootFlagsValid, keepValid);
    }
    await setIfSupported(connection, bootOptions.bootInfoAcknowledge, toBios);
    await setSystemBootOption(connection, bootFlags, { ...noBootFlags, valid: true, ...wish });
    if (announced) await announce('commit write');
  } finally {
    if (announced) await announce('set complete');
  }
}
