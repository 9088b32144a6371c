// Reads what a provision request carries besides its verb: config drive, steps, passwords, flags.
import {
  CONFIGDRIVE_OBJECT_SINCE,
  CONFIGDRIVE_REBUILD_SINCE,
  CONFIGDRIVE_VENDOR_DATA_SINCE,
  isJsonObject,
  type JsonObject,
  list,
  type ProvisionVerb,
  quirks,
  type RequestedStep,
  readBoolean,
  readCleanSteps,
  readConfigdrive,
  readUserDeploySteps,
  registeredError,
  versionText,
} from '@wrought/contract';
import type { ProvisionRequest } from '../../flows/doors.ts';
import { tooNew } from '../core/fields.ts';
import { readValue, shownValue } from '../core/read-body.ts';

/** Members of a provision request. */
export const provisionMembers = [
  'target',
  'configdrive',
  'clean_steps',
  'deploy_steps',
  'service_steps',
  'rescue_password',
  'disable_ramdisk',
  'runbook',
] as const;

const DEPLOY_STEPS_SINCE = 69;
/** Verbs that take `disable_ramdisk`, with the version from which they do. */
const disableRamdiskSince: Readonly<Partial<Record<ProvisionVerb, number>>> = { clean: 70, service: 108 };

type Sent = Readonly<Record<string, unknown>>;
type Details = Pick<
  ProvisionRequest,
  'configdrive' | 'cleanSteps' | 'deploySteps' | 'serviceSteps' | 'disableRamdisk' | 'rescuePassword'
>;
type Limits = Readonly<Record<`disallow_${'clean' | 'deploy' | 'service'}_steps`, readonly string[]>>;

const deployVerbs: readonly ProvisionVerb[] = ['active', 'rebuild'];
const stepsType = {
  clean: list(readCleanSteps, 'a list of steps with interface and step'),
  deploy: list(readUserDeploySteps, 'a list of steps with interface, step, args and priority'),
} as const;

const invalid = (reason: string) => registeredError('InvalidParameterValue', { reason });

/** @throws RegisteredError 400 and 406 */
export function readProvisionArguments(sent: Sent, verb: ProvisionVerb, minor: number, limits: Limits): Details {
  const configdrive = configdriveOf(sent.configdrive, verb, minor);
  const disableRamdisk = disableRamdiskOf(sent.disable_ramdisk, verb, minor);
  const cleanSteps = listedStepsOf(sent.clean_steps, verb, 'clean', limits);
  const serviceSteps = listedStepsOf(sent.service_steps, verb, 'service', limits);
  const rescuePassword = rescuePasswordOf(sent.rescue_password, verb);
  const deploySteps = deployStepsOf(sent.deploy_steps, verb, minor, limits);
  return {
    ...(configdrive === undefined ? {} : { configdrive }),
    ...(disableRamdisk === undefined ? {} : { disableRamdisk }),
    ...(cleanSteps === undefined ? {} : { cleanSteps }),
    ...(serviceSteps === undefined ? {} : { serviceSteps }),
    ...(rescuePassword === undefined ? {} : { rescuePassword }),
    ...(deploySteps === undefined ? {} : { deploySteps }),
  };
}

function configdriveOf(value: unknown, verb: ProvisionVerb, minor: number): string | JsonObject | undefined {
  if (value === undefined || (quirks.emptyConfigdriveIgnored && (value === null || value === ''))) {
    return undefined;
  }
  const reading = readConfigdrive(value);
  if (!reading.ok) {
    const found = shownValue('found' in reading ? reading.found : value);
    throw invalid(
      `The member configdrive${reading.at ?? ''} has the invalid value ${found}; allowed: ${reading.allowed ?? 'a URL, base64 text, or an object'}.`,
    );
  }
  if (!deployVerbs.includes(verb) || (verb === 'rebuild' && minor < CONFIGDRIVE_REBUILD_SINCE)) {
    throw invalid(`A config drive can not be given with the target "${verb}"; allowed: active, and rebuild from 1.35.`);
  }
  if (isJsonObject(value)) {
    if (minor < CONFIGDRIVE_OBJECT_SINCE) {
      throw invalid(`A config drive as an object needs API version ${versionText(CONFIGDRIVE_OBJECT_SINCE)}.`);
    }
    if ('vendor_data' in value && minor < CONFIGDRIVE_VENDOR_DATA_SINCE) {
      throw invalid(
        `The member vendor_data of a config drive needs API version ${versionText(CONFIGDRIVE_VENDOR_DATA_SINCE)}.`,
      );
    }
  }
  return value as string | JsonObject;
}

function disableRamdiskOf(value: unknown, verb: ProvisionVerb, minor: number): boolean | undefined {
  if (value === undefined || value === null) {
    return undefined;
  }
  const read = readBoolean(value);
  if (read === undefined) {
    throw invalid(`The member disable_ramdisk has the invalid value ${shownValue(value)}; allowed: true or false.`);
  }
  const since = disableRamdiskSince[verb];
  if (since === undefined) {
    throw invalid(`The member disable_ramdisk can not be given with the target "${verb}"; allowed: clean, service.`);
  }
  if (minor < since) {
    throw tooNew(`The member "disable_ramdisk" with the target "${verb}"`, since, minor);
  }
  return read;
}

function listedStepsOf(
  value: unknown,
  verb: ProvisionVerb,
  owner: 'clean' | 'service',
  limits: Limits,
): readonly RequestedStep[] | undefined {
  const member = `${owner}_steps`;
  if (verb !== owner) {
    if (value !== undefined && value !== null) {
      throw invalid(`The member ${member} can not be given with the target "${verb}"; allowed: ${owner}.`);
    }
    return undefined;
  }
  if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) {
    throw invalid(`The target "${verb}" needs the member ${member}: a list of at least one step.`);
  }
  const steps = readValue(member, stepsType.clean, value) as readonly RequestedStep[];
  refuseDisallowed(steps, limits[`disallow_${owner}_steps`], `disallow_${owner}_steps`);
  return steps;
}

function deployStepsOf(
  value: unknown,
  verb: ProvisionVerb,
  minor: number,
  limits: Limits,
): readonly RequestedStep[] | undefined {
  if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) {
    return undefined;
  }
  if (!deployVerbs.includes(verb)) {
    throw invalid(`The member deploy_steps can not be given with the target "${verb}"; allowed: active, rebuild.`);
  }
  if (minor < DEPLOY_STEPS_SINCE) {
    throw tooNew('The member "deploy_steps"', DEPLOY_STEPS_SINCE, minor);
  }
  const steps = readValue('deploy_steps', stepsType.deploy, value) as readonly RequestedStep[];
  refuseDisallowed(steps, limits.disallow_deploy_steps, 'disallow_deploy_steps');
  return steps;
}

function refuseDisallowed(steps: readonly RequestedStep[], disallowed: readonly string[], option: string): void {
  const found = steps.find((step) => disallowed.includes(`${step.interface}.${step.step}`));
  if (found !== undefined) {
    throw invalid(`The step ${found.interface}.${found.step} is not allowed here (api.${option}).`);
  }
}

function rescuePasswordOf(value: unknown, verb: ProvisionVerb): string | undefined {
  if (verb !== 'rescue') {
    if (value !== undefined && value !== null) {
      throw invalid(`The member rescue_password can not be given with the target "${verb}"; allowed: rescue.`);
    }
    return undefined;
  }
  if (typeof value !== 'string' || value.trim() === '') {
    throw invalid('The target "rescue" needs the member rescue_password: text that is not blank.');
  }
  return value;
}
