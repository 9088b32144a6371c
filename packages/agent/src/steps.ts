// The clean and deploy steps of this agent: what the server is told about each, and what each does.
import type { AgentNode, AgentStep, HardwareManagerVersion, JsonObject, StepToExecute } from '@wrought/contract';
import { eraseDisks } from './erase/devices.ts';
import { cleanUefiBootEntries, erasePstore } from './erase/firmware-state.ts';
import { eraseMetadata } from './erase/metadata.ts';
import { readEraseSettings } from './erase/settings.ts';
import { AgentFailure } from './errors.ts';
import type { AgentContext, CommandJob } from './extensions/extension.ts';
import { listDisks } from './hardware/disks.ts';
import { pickRootDevice, usableDisks } from './hardware/root-device.ts';
import { writeImage } from './image/write-image.ts';
import { optionalText, toImageInfo } from './params.ts';

/** Name under which the steps are told; also the key of the version. */
export const HARDWARE_MANAGER = 'wrought_generic';
/** Raised when steps or their priorities change: the server then asks for the steps anew. */
export const HARDWARE_MANAGER_VERSION: HardwareManagerVersion = { [HARDWARE_MANAGER]: '1.0' };

type StepInput = { agent: AgentContext; node: AgentNode; args: JsonObject; job: CommandJob };
type Step = { description: AgentStep; run: (input: StepInput) => Promise<unknown> };

const CLEAN = { interface: 'deploy', abortable: true, requires_ramdisk: true, reboot_requested: false } as const;
const DEPLOY = { interface: 'deploy', reboot_requested: false } as const;

const MATCH_PATTERNS = {
  match_patterns: {
    description: 'Regular expressions; a boot entry whose device path matches one of them is removed',
    required: false,
  },
};

function patternsOf(args: JsonObject): string[] | null {
  const patterns = args.match_patterns;
  if (patterns === undefined || patterns === null) return null;
  if (Array.isArray(patterns) && patterns.every((pattern) => typeof pattern === 'string')) return patterns;
  throw new AgentFailure('InvalidCommandParamsError', 'match_patterns must be a list of texts');
}

const eraseMetadataOfNode = async ({ agent, node }: StepInput): Promise<void> =>
  eraseMetadata(agent.run, usableDisks(node, await listDisks(agent.run)), agent.log);
const cleanNvram = ({ agent, args }: StepInput): Promise<void> =>
  cleanUefiBootEntries(agent.run, patternsOf(args), agent.log, agent.systemRoot);

const CLEAN_STEPS: readonly Step[] = [
  {
    description: { ...CLEAN, step: 'erase_devices_metadata', priority: 99, recovery: 'repeat' },
    run: eraseMetadataOfNode,
  },
  {
    description: { ...CLEAN, step: 'erase_devices', priority: 10, recovery: 'repeat' },
    run: async ({ agent, node }) => {
      const disks = usableDisks(node, await listDisks(agent.run));
      await eraseDisks(agent.run, disks, readEraseSettings(node), agent.log);
    },
  },
  {
    description: { ...CLEAN, step: 'erase_pstore', priority: 0, recovery: 'repeat' },
    run: ({ agent }) => erasePstore(agent.log, agent.systemRoot),
  },
  {
    description: { ...CLEAN, step: 'clean_uefi_nvram', priority: 0, recovery: 'repeat', argsinfo: MATCH_PATTERNS },
    run: cleanNvram,
  },
];

const DEPLOY_STEPS: readonly Step[] = [
  {
    description: {
      ...DEPLOY,
      step: 'write_image',
      priority: 0,
      // Written again from its beginning, an image ends up the same.
      recovery: 'repeat',
      argsinfo: {
        image_info: { description: 'Where the image is, its format and its digest', required: true },
        configdrive: { description: 'Config drive as base64 of a gzipped ISO 9660 image, or its URL', required: false },
      },
    },
    run: async ({ agent, node, args, job }) => {
      const image = toImageInfo(args.image_info);
      const configDrive = optionalText(args, 'configdrive') ?? image.configdrive ?? null;
      const disk = pickRootDevice(node, await listDisks(agent.run));
      await writeImage(agent, image, configDrive, disk, job.report);
      return `image (${image.id}) written to device ${disk.name}`;
    },
  },
  {
    description: { ...DEPLOY, step: 'erase_devices_metadata', priority: 0, recovery: 'repeat' },
    run: eraseMetadataOfNode,
  },
  {
    description: { ...DEPLOY, step: 'clean_uefi_nvram', priority: 0, recovery: 'repeat', argsinfo: MATCH_PATTERNS },
    run: cleanNvram,
  },
];

const STEPS = { clean: CLEAN_STEPS, deploy: DEPLOY_STEPS, service: [] as readonly Step[] } as const;
export type StepKind = keyof typeof STEPS;

/** The steps of a kind, as the server is told. */
export function describeSteps(kind: StepKind): { [manager: string]: AgentStep[] } {
  return { [HARDWARE_MANAGER]: STEPS[kind].map((step) => step.description) };
}

/** @throws AgentFailure (VersionMismatch) when the server knows the steps of another version of this agent. */
export function checkVersion(version: unknown): void {
  if (version === undefined || version === null) return;
  const current = JSON.stringify(HARDWARE_MANAGER_VERSION);
  if (JSON.stringify(version) === current) return;
  throw new AgentFailure(
    'VersionMismatch',
    `Current versions: ${current}, versions used by ironic: ${JSON.stringify(version)}`,
  );
}

/** Runs a step. @throws AgentFailure for an unknown step, and whatever the step meets. */
export async function executeStep(
  kind: StepKind,
  step: StepToExecute,
  input: Omit<StepInput, 'args'>,
): Promise<unknown> {
  const found = STEPS[kind].find(
    ({ description }) => description.step === step.step && description.interface === (step.interface ?? 'deploy'),
  );
  if (found === undefined) {
    const known = STEPS[kind].map(({ description }) => description.step).join(', ') || 'none';
    throw new AgentFailure(
      'InvalidCommandParamsError',
      `there is no ${kind} step ${step.interface}.${step.step}; known are: ${known}`,
    );
  }
  input.agent.log.info(`${kind} step ${step.step} started`);
  return found.run({ ...input, args: step.args ?? {} });
}
