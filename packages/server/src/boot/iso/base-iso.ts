// Makes a bootable ISO 9660 image of a kernel and an initramfs with empty places in it, which each machine's own copy fills.
import { mkdir, mkdtemp, open, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type BiosLoader, type EfiFiles, makeEspImage } from './loaders.ts';
import { runTool } from './tools.ts';

const SECTOR = 2048;

/** The places: files of a fixed size, whose content is that of one machine. */
export const slots = {
  grub: { path: 'wrought/node.cfg', bytes: 16 * 1024 },
  isolinux: { path: 'isolinux/isolinux.cfg', bytes: 16 * 1024 },
  archive: { path: 'wrought/node.cpio', bytes: 256 * 1024 },
  network: { path: 'openstack/latest/network_data.json', bytes: 128 * 1024 },
} as const;
export type SlotName = keyof typeof slots;
const slotNames = Object.keys(slots) as SlotName[];

/** The label by which Ironic's agent and glean know such a medium. */
const LABEL = 'VMEDIA_BOOT_ISO';

export interface BaseIsoParts {
  readonly kernel: string;
  readonly ramdisk: string;
  /** Image of an EFI system partition, or the files of one; null: the medium does not boot on UEFI. */
  readonly esp: { readonly image: string } | { readonly files: EfiFiles } | null;
  /** Null: the medium does not boot on BIOS. */
  readonly bios: BiosLoader | null;
  /** Where an EFI system partition of the operator's looks for the configuration of GRUB. */
  readonly grubConfigPath: string;
  readonly hasNetworkData: boolean;
}

/** GRUB reads this from the medium; what is the machine's own is in the place that it sources. */
const grubConfiguration = `# Made by Wrought.
set timeout=0
search --no-floppy --set=root --file /${slots.grub.path}
source /${slots.grub.path}
`;

/** What a place holds until it is filled: found again by it, and no machine boots it. */
function marker(name: SlotName): string {
  return `# wrought place ${name} 5b0e2c1f\n`;
}

/**
 * Writes the image to `target`, whose folder takes the working files meanwhile.
 * @throws Error when a program is missing or fails
 */
export async function makeBaseIso(target: string, parts: BaseIsoParts): Promise<void> {
  const work = await mkdtemp(join(dirname(target), 'new-iso-'));
  try {
    const tree = join(work, 'tree');
    const put = async (path: string, content: string | Buffer) => {
      await mkdir(dirname(join(tree, path)), { recursive: true });
      await writeFile(join(tree, path), content);
    };
    const link = async (path: string, source: string) => {
      await mkdir(dirname(join(tree, path)), { recursive: true });
      await symlink(source, join(tree, path));
    };
    for (const name of slotNames) {
      const isWanted = name === 'network' ? parts.hasNetworkData : name !== 'isolinux' || parts.bios !== null;
      if (isWanted) {
        const content = Buffer.alloc(slots[name].bytes, '\n');
        content.write(marker(name));
        await put(slots[name].path, content);
      }
    }
    await link('wrought/vmlinuz', parts.kernel);
    await link('wrought/initrd', parts.ramdisk);
    // Debian's GRUB for CDs knows its medium by this file.
    await put('.disk/info', 'Wrought\n');
    await put('boot/grub/grub.cfg', grubConfiguration);
    if (parts.grubConfigPath !== 'boot/grub/grub.cfg') {
      await put(parts.grubConfigPath, grubConfiguration);
    }
    const boots: string[] = [];
    if (parts.bios !== null) {
      await link('isolinux/isolinux.bin', parts.bios.isolinux);
      await link('isolinux/ldlinux.c32', parts.bios.ldlinux);
      boots.push('-b', 'isolinux/isolinux.bin', '-c', 'isolinux/boot.cat', '-no-emul-boot');
      boots.push('-boot-load-size', '4', '-boot-info-table');
    }
    if (parts.esp !== null) {
      if ('image' in parts.esp) {
        await link('boot/efi.img', parts.esp.image);
      } else {
        await mkdir(join(tree, 'boot'), { recursive: true });
        await makeEspImage(join(tree, 'boot/efi.img'), parts.esp.files);
      }
      boots.push(...(parts.bios === null ? [] : ['-eltorito-alt-boot']), '-e', 'boot/efi.img', '-no-emul-boot');
    }
    await runTool('xorriso', [
      ...['-as', 'mkisofs', '-quiet', '-f', '-iso-level', '3', '-R', '-V', LABEL, '-publisher', 'WROUGHT'],
      ...[...boots, '-o', target, tree],
    ]);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Where the places of an image are: bytes from its beginning. */
export async function findSlots(image: string): Promise<ReadonlyMap<SlotName, number>> {
  const found = new Map<SlotName, number>();
  const heads = slotNames.map((name) => ({ name, head: Buffer.from(marker(name)) }));
  const chunk = Buffer.alloc(512 * SECTOR);
  const file = await open(image, 'r');
  try {
    for (let place = 0; found.size < slotNames.length; place += chunk.length) {
      const { bytesRead } = await file.read(chunk, 0, chunk.length, place);
      if (bytesRead === 0) {
        break;
      }
      for (let sector = 0; sector < bytesRead; sector += SECTOR) {
        const hit = heads.find(({ head }) => chunk.subarray(sector, sector + head.length).equals(head));
        if (hit !== undefined) {
          found.set(hit.name, place + sector);
        }
      }
    }
  } finally {
    await file.close();
  }
  return found;
}
