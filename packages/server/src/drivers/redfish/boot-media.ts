// What a node boots from a medium of ours: where the parts come from, which medium was made, and under which URL BMCs find it.
import { randomBytes, randomUUID } from 'node:crypto';
import { type JsonObject, KERNEL_PARAMETER, type Node, registeredError } from '@wrought/contract';
import { agentApiUrl, bootUrl } from '../../boot/addresses.ts';
import { bootModeOf } from '../../boot/boot-mode.ts';
import type { FileSource } from '../../boot/file-cache.ts';
import { readReference, readTrustedReference } from '../../boot/file-reference.ts';
import type { BootIso } from '../../boot/iso/boot-iso.ts';
import { biosLoader, biosLoaderAdvice, efiFiles, uefiLoaderAdvice } from '../../boot/iso/loaders.ts';
import { newMediumName } from '../../boot/published-media.ts';
import { kernelArguments } from '../../boot/ramdisk/kernel-arguments.ts';
import { architectureOf, ramdiskSource } from '../../boot/ramdisk/ramdisk-source.ts';
import { driverInfo, type RamdiskPurpose, type Task } from '../kit/index.ts';

/** Member of driver_internal_info. */
const KEY = 'boot_medium';
const TOKEN_BYTES = 32;

/** The medium that was made last and not taken back. */
export interface BootMedium {
  readonly purpose: RamdiskPurpose;
  /** Whose machine has it. */
  readonly conductor: string;
  /** Its name under the HTTP root; null where the BMC fetches it from elsewhere. Masked in answers of the API, because of its key. */
  readonly secret_name: string | null;
  /** The same of the image with the parameters of the agent, where the node wants such. */
  readonly secret_removable_name?: string | null;
  /** By which the agent knows the medium that it was booted from. */
  readonly publisher: string;
}

/** The medium of a node; null when there is none. */
export function bootMedium({ driver_internal_info }: Node): BootMedium | null {
  const value = driver_internal_info[KEY];
  return typeof value === 'object' && value !== null ? (value as unknown as BootMedium) : null;
}

/** The members of driver_internal_info that keep it. */
export function bootMediumFact(medium: BootMedium | null): JsonObject {
  return { [KEY]: medium === null ? null : { ...medium } };
}

/** Its names under the HTTP root; none where the BMC fetches all from elsewhere. */
export const namesOf = ({ secret_name, secret_removable_name = null }: BootMedium): readonly string[] =>
  [secret_name, secret_removable_name].filter((name) => name !== null);

/** Whether the parameters of the agent are to be on a floppy or USB drive beside the medium. @throws InvalidParameterValue */
export function wantsRemovable({ node }: Pick<Task, 'node'>): boolean {
  const info = driverInfo(node);
  return info.boolean('config_via_removable') ?? info.boolean('config_via_floppy') ?? false;
}

/** A medium to be made, with the token that its agent will have: what goes into driver_internal_info before anything is done. */
export function newBootMedium(
  { node, config }: Task,
  purpose: RamdiskPurpose,
  { isOurs, hasRemovable }: { readonly isOurs: boolean; readonly hasRemovable: boolean },
) {
  const medium: BootMedium = {
    purpose,
    conductor: config.conductor.host,
    secret_name: isOurs ? newMediumName(node.uuid, 'iso') : null,
    secret_removable_name: hasRemovable ? newMediumName(node.uuid, 'img') : null,
    publisher: randomUUID(),
  };
  const token =
    isOurs || hasRemovable
      ? { agent_secret_token: randomBytes(TOKEN_BYTES).toString('base64url'), agent_secret_token_pregenerated: true }
      : {};
  return { medium, facts: { ...bootMediumFact(medium), ...token } };
}

/** Whether an URL names a file on a share, which BMCs mount and this server does not. */
export const isShare = (url: string): boolean => /^(nfs|cifs|smb):\/\/\S+$/i.test(url) && URL.canParse(url);

/**
 * A ready-made medium that the node names for this purpose, or null.
 *
 * @param isVirtual whether a BMC mounts it, which can have it on a share; firmware downloads by HTTP alone.
 * @throws InvalidParameterValue
 */
export async function readyMadeIso(
  { node, config }: Task,
  purpose: RamdiskPurpose,
  isVirtual: boolean,
): Promise<FileSource | null> {
  const key = purpose === 'rescue' ? 'rescue_iso' : 'deploy_iso';
  const given = driverInfo(node).text(key);
  if (given !== null && isVirtual && isShare(given)) {
    return { kind: 'url', url: given };
  }
  return given === null ? null : readReference(`driver_info/${key} of node ${node.uuid}`, given, config);
}

/** Image of an EFI system partition that somebody named, or null for the installed loaders. @throws InvalidParameterValue */
async function bootloaderOf({ node, config }: Task): Promise<FileSource | null> {
  const own = driverInfo(node).text('bootloader');
  if (own !== null) {
    return readReference(`driver_info/bootloader of node ${node.uuid}`, own, config);
  }
  const { bootloader, bootloader_by_arch: byArchitecture } = config.conductor;
  const named = byArchitecture[architectureOf(node)] ?? bootloader;
  return named === null ? null : readTrustedReference(named);
}

/** The kernel line without the token. @throws InvalidParameterValue, MissingParameterValue */
function argumentsOf({ node, config }: Task, purpose: RamdiskPurpose): string[] {
  const external = config.deploy.external_callback_url?.replace(/\/+$/, '').replace(/\/v1$/, '');
  const apiUrl = external ?? agentApiUrl(config);
  return kernelArguments(node, {
    purpose,
    append: config.redfish.kernel_append_params,
    apiUrl,
    collectsLldp: config.inspector.collect_lldp,
  });
}

/**
 * Checks everything that `bootIso` needs.
 * @throws MissingParameterValue, InvalidParameterValue
 */
export async function checkBootIso(task: Task, purpose: RamdiskPurpose): Promise<void> {
  const { node, config } = task;
  argumentsOf(task, purpose);
  mediumUrl(task, 'media/name.iso');
  await ramdiskSource(node, config, purpose);
  const isUefi = bootModeOf(node, config) === 'uefi';
  const isThere = isUefi
    ? (await bootloaderOf(task)) !== null || (await efiFiles()) !== null
    : (await biosLoader()) !== null;
  if (!isThere) {
    throw registeredError('MissingParameterValue', {
      reason: `There is no boot loader for media of node ${node.uuid} (boot mode ${isUefi ? 'uefi' : 'bios'}). ${isUefi ? uefiLoaderAdvice : biosLoaderAdvice}`,
    });
  }
}

/** All that goes into the medium; the token is the one that driver_internal_info has. */
export async function bootIso(task: Task, { purpose, publisher }: BootMedium, isVirtual: boolean): Promise<BootIso> {
  const { node, config } = task;
  const { kernel, ramdisk } = await ramdiskSource(node, config, purpose);
  const networkData = Object.keys(node.network_data).length === 0 ? null : node.network_data;
  const token = node.driver_internal_info.agent_secret_token;
  return {
    kernel,
    ramdisk,
    bootloader: await bootloaderOf(task),
    grubConfigPath: config.conductor.grub_config_path,
    kernelArguments: [
      ...argumentsOf(task, purpose),
      `${KERNEL_PARAMETER.agentToken}=${token}`,
      // Ironic's agent looks for files on the medium by these two.
      ...(isVirtual ? ['boot_method=vmedia', `ir_pub_id=${publisher}`] : []),
    ],
    files:
      networkData === null
        ? []
        : [{ path: 'etc/wrought/network_data.json', content: Buffer.from(JSON.stringify(networkData)) }],
    networkData,
    publisher,
  };
}

/** What the floppy of an agent says; the token is the one that driver_internal_info has. */
export function removableParameters(task: Task, { purpose }: BootMedium): readonly string[] {
  const token = task.node.driver_internal_info.agent_secret_token;
  // Words without a value mean something to kernels alone.
  return [...argumentsOf(task, purpose), `${KERNEL_PARAMETER.agentToken}=${token}`].filter((each) =>
    each.includes('='),
  );
}

/** Where BMCs find a medium of this server. @throws InvalidParameterValue, MissingParameterValue */
export function mediumUrl({ node, config }: Task, name: string): string {
  const info = driverInfo(node);
  const own = info.text('external_http_url');
  if (own !== null && !(URL.canParse(own) && /^https?:$/.test(new URL(own).protocol))) {
    throw info.invalid('external_http_url', 'an http or https URL');
  }
  const base = own ?? config.deploy.external_http_url ?? bootUrl(config);
  return `${base.replace(/\/+$/, '')}/${name}`;
}
