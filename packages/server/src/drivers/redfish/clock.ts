// Steps about the clock of the BMC, whose log and certificates count on it.
import { registeredError } from '@wrought/contract';
import { done, fail, type Step, type StepArguments, step } from '../kit/index.ts';
import type { RedfishClock } from './bmc/clock.ts';

/** By so much two clocks may differ that are read one after the other, in whole seconds, through a slow BMC. */
const TOLERANCE_MILLISECONDS = 5000;

const invalid = (name: string, value: unknown, allowed: string) =>
  registeredError('InvalidParameterValue', { reason: `${name} is ${JSON.stringify(value)}; allowed: ${allowed}.` });

/** @throws InvalidParameterValue */
function readOffset({ datetime_local_offset: given }: StepArguments): string | undefined {
  if (given === undefined || given === null) {
    return undefined;
  }
  if (typeof given !== 'string' || !/^[+-](0\d|1[0-4]):[0-5]\d$/.test(given)) {
    throw invalid('datetime_local_offset', given, '+hh:mm or -hh:mm, such as "+00:00"');
  }
  return given;
}

/** The time to set; ours where none is given. @throws InvalidParameterValue */
function readTime({ target_datetime: given }: StepArguments, offset: string | undefined): Date {
  if (given === undefined || given === null) {
    return new Date();
  }
  const allowed = 'a time of ISO 8601, such as "2026-01-31T12:00:00+00:00"';
  const parts =
    typeof given === 'string'
      ? /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(:\d\d(\.\d+)?)?)(Z|[+-]\d\d:\d\d)?$/i.exec(given)
      : null;
  const time = new Date(
    parts === null ? Number.NaN : `${parts[1]}T${parts[2]}${parts[5]?.toUpperCase() ?? offset ?? 'Z'}`,
  );
  if (Number.isNaN(time.getTime())) {
    throw invalid('target_datetime', given, allowed);
  }
  return time;
}

/** The steps set_bmc_clock and verify_bmc_clock. */
export function clockSteps(clock: () => Promise<RedfishClock>): readonly Step[] {
  return [
    step({
      interface: 'management',
      step: 'set_bmc_clock',
      kinds: ['clean'],
      requires_ramdisk: true,
      recovery: 'repeat',
      argsinfo: {
        target_datetime: {
          description: 'The time to set, in ISO 8601; of UTC where it names no zone. Default: that of the server.',
        },
        datetime_local_offset: { description: 'The time zone of the BMC, such as "+00:00". Default: as it is.' },
      },
      async execute(task, args) {
        const offset = readOffset(args);
        await (await clock()).set(task, readTime(args, offset), offset);
        return done();
      },
    }),
    step({
      interface: 'management',
      step: 'verify_bmc_clock',
      kinds: ['verify'],
      priority: 1,
      recovery: 'repeat',
      async execute(task) {
        if (!task.config.redfish.enable_verify_bmc_clock) {
          return done();
        }
        const part = await clock();
        if (Math.abs(await part.ahead(task)) <= TOLERANCE_MILLISECONDS) {
          return done();
        }
        await part.set(task, new Date(), undefined);
        const ahead = await part.ahead(task);
        return Math.abs(ahead) <= TOLERANCE_MILLISECONDS
          ? done()
          : fail(
              `The clock of the BMC is off by ${Math.round(ahead / 1000)} s, also after it was set. Look whether it follows a time server (NTP) that is wrong, or switch redfish.enable_verify_bmc_clock off.`,
            );
      },
    }),
  ];
}
