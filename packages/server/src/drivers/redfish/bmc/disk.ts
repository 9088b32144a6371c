// A drive of a machine as hints know disks: the same names and values as in an inventory.
import type { HintableDevice } from '@wrought/contract';
import type { Drive } from '@wrought/redfish';

export type Disk = HintableDevice & { readonly media_type?: string | null; readonly protocol?: string | null };

/** What a BMC knows of a drive; sizes in bytes. */
export function diskOf(drive: Drive): Disk {
  return {
    name: drive.name ?? drive.id,
    model: drive.model ?? '',
    size: drive.capacityBytes ?? 0,
    rotational: drive.mediaType === undefined ? null : drive.mediaType === 'HDD',
    wwn: drive.identifiers.NAA ?? drive.identifiers.EUI ?? null,
    serial: drive.serialNumber ?? null,
    vendor: drive.manufacturer ?? null,
    wwn_with_extension: null,
    wwn_vendor_extension: null,
    hctl: null,
    by_path: null,
    media_type: drive.mediaType ?? null,
    protocol: drive.protocol ?? null,
  };
}
