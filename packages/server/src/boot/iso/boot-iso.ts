// Boot media: an image for each machine, made of one that all machines with the same kernel and initramfs share.
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { JsonObject } from '@wrought/contract';
import type { FileCache, FileSource } from '../file-cache.ts';
import type { IsoFile } from '../iso9660.ts';
import { grubKernelLines } from '../pxe-script.ts';
import type { WebOptions } from '../web.ts';
import { findSlots, makeBaseIso, type SlotName, slots } from './base-iso.ts';
import { initramfsArchive } from './initramfs-archive.ts';
import { biosLoader, efiFiles } from './loaders.ts';

export interface BootIso {
  readonly kernel: FileSource;
  readonly ramdisk: FileSource;
  /** Image of an EFI system partition; null: one with the loaders that are installed here. */
  readonly bootloader: FileSource | null;
  readonly grubConfigPath: string;
  readonly kernelArguments: readonly string[];
  /** Files that the kernel finds in its root: secrets and settings of this machine. */
  readonly files: readonly IsoFile[];
  /** In the shape of OpenStack's network_data.json, for agents that look for it on the medium; null: none. */
  readonly networkData: JsonObject | null;
  /** Written into the volume descriptor, by which an agent knows that the medium is the one it was booted from. */
  readonly publisher: string;
}

export interface BootIsos {
  /**
   * Writes the image under `target` (absolute), whole or not at all.
   * @throws Error that says which source can not be read, which program is missing, or what is too long
   */
  write(target: string, iso: BootIso, web: WebOptions): Promise<void>;
}

/** The primary volume descriptor is sector 16; its publisher identifier: ECMA-119 section 8.4.20. */
const PUBLISHER = { offset: 16 * 2048 + 318, bytes: 128 };

/** The line that ISOLINUX takes has its own limit, below that of the kernel. */
const KERNEL_LINE_MAX_CHARACTERS = 2047;

function isolinuxConfiguration(args: readonly string[]): string {
  return `# Made by Wrought.
DEFAULT agent
PROMPT 0
LABEL agent
  KERNEL /wrought/vmlinuz
  INITRD /wrought/initrd,/wrought/node.cpio
  APPEND ${args.join(' ')}
`;
}

/** The content of a place: filled up with line ends, and an archive with the zeros that kernels pass over. */
function filled(name: SlotName, content: Uint8Array): Buffer {
  const { bytes } = slots[name];
  if (content.length > bytes) {
    throw new Error(
      `The part ${slots[name].path} of a boot image has ${content.length} bytes; ${bytes} have room. Shorten kernel_append_params or network_data of the node.`,
    );
  }
  const whole = Buffer.alloc(bytes, name === 'archive' ? 0 : '\n');
  whole.set(content);
  return whole;
}

/** Makes the images; what they share is kept in the cache. */
export function createBootIsos(cache: FileCache): BootIsos {
  const places = new Map<string, ReadonlyMap<SlotName, number>>();

  async function base(iso: BootIso, web: WebOptions): Promise<string> {
    const kernel = await cache.copyOf(iso.kernel, web);
    const ramdisk = await cache.copyOf(iso.ramdisk, web);
    const image = iso.bootloader === null ? null : await cache.copyOf(iso.bootloader, web);
    const files = image === null ? await efiFiles() : null;
    const bios = await biosLoader();
    const hasNetworkData = iso.networkData !== null;
    const parts = [kernel, ramdisk, image, files, bios, iso.grubConfigPath, hasNetworkData];
    return cache.derived(`boot iso 1 ${JSON.stringify(parts)}`, (temporary) =>
      makeBaseIso(temporary, {
        kernel,
        ramdisk,
        esp: image === null ? (files === null ? null : { files }) : { image },
        bios,
        grubConfigPath: iso.grubConfigPath,
        hasNetworkData,
      }),
    );
  }

  async function slotsOf(image: string): Promise<ReadonlyMap<SlotName, number>> {
    const known = places.get(image) ?? (await findSlots(image));
    places.set(image, known);
    return known;
  }

  return {
    async write(target, iso, web) {
      const line = iso.kernelArguments.join(' ');
      if (line.length > KERNEL_LINE_MAX_CHARACTERS) {
        throw new Error(
          `The kernel line has ${line.length} characters; a kernel takes ${KERNEL_LINE_MAX_CHARACTERS}. Shorten kernel_append_params of the node.`,
        );
      }
      const content: Record<SlotName, Uint8Array> = {
        grub: Buffer.from(
          grubKernelLines('/wrought/vmlinuz', ['/wrought/initrd', '/wrought/node.cpio'], iso.kernelArguments),
        ),
        isolinux: Buffer.from(isolinuxConfiguration(iso.kernelArguments)),
        archive: initramfsArchive(iso.files),
        network: Buffer.from(JSON.stringify(iso.networkData)),
      };
      const image = await base(iso, web);
      const found = await slotsOf(image);
      await mkdir(dirname(target), { recursive: true });
      const temporary = join(dirname(target), `.new-${randomUUID()}`);
      try {
        await copyFile(image, temporary, constants.COPYFILE_FICLONE);
        const file = await open(temporary, 'r+');
        try {
          for (const [name, place] of found) {
            const bytes = filled(name, content[name]);
            await file.write(bytes, 0, bytes.length, place);
          }
          await file.write(
            Buffer.from(iso.publisher.padEnd(PUBLISHER.bytes), 'latin1'),
            0,
            PUBLISHER.bytes,
            PUBLISHER.offset,
          );
        } finally {
          await file.close();
        }
        await rename(temporary, target);
      } finally {
        await rm(temporary, { force: true });
      }
    },
  };
}
