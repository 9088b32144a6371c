// Describes the machine as a whole: vendor, firmware and how it booted.
import type { InventoryBoot, InventorySystemVendor } from '@wrought/contract';
import { readValue, resolvePath } from './sysfs.ts';

/** Reads vendor and firmware from DMI; unknown members are empty. */
export function readSystemVendor(systemRoot = ''): InventorySystemVendor {
  const read = (name: string): string => readValue(`${systemRoot}/sys/class/dmi/id/${name}`) ?? '';
  return {
    product_name: read('product_name'),
    serial_number: read('product_serial'),
    manufacturer: read('sys_vendor'),
    firmware: { vendor: read('bios_vendor'), version: read('bios_version'), build_date: read('bios_date') },
  };
}

/** Whether the firmware that booted this machine is UEFI. */
export function isUefi(systemRoot = ''): boolean {
  return resolvePath(`${systemRoot}/sys/firmware/efi`) !== null;
}

/** How the machine booted. @param bootInterface MAC in the BOOTIF parameter. */
export function readBoot(bootInterface: string | null, systemRoot = ''): InventoryBoot {
  return { current_boot_mode: isUefi(systemRoot) ? 'uefi' : 'bios', pxe_interface: bootInterface };
}
