// Reads the logical disks that a client wants, and says what a logical disk may have.
import { isJsonObject, object, type Reading, type ValueType } from './value.ts';

export const raidLevels = ['JBOD', '0', '1', '2', '5', '6', '1+0', '5+0', '6+0'] as const;
const diskTypes = ['hdd', 'ssd'] as const;
const interfaceTypes = ['sata', 'scsi', 'sas'] as const;

interface Property {
  readonly allowed: string;
  readonly test: (value: unknown) => boolean;
  readonly required?: true;
  /** What clients that ask for the properties of logical disks are told. */
  readonly description: string;
}

const words = (list: readonly string[]) => list.join(', ');
const isText = (value: unknown) => typeof value === 'string';
const isBoolean = (value: unknown) => typeof value === 'boolean';

/** Names of disks, or at least two descriptions of disks to choose from. */
function isDiskList(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    (value.every(isText) || (value.length >= 2 && value.every((item) => isJsonObject(item))))
  );
}

const properties: Readonly<Record<string, Property>> = {
  raid_level: {
    required: true,
    allowed: `one of ${words(raidLevels)}`,
    test: (value) => (raidLevels as readonly unknown[]).includes(value),
    description: `RAID level of the logical disk: ${words(raidLevels)}. Required.`,
  },
  size_gb: {
    required: true,
    allowed: 'an integer from 0 up, or "MAX"',
    test: (value) => value === 'MAX' || (Number.isSafeInteger(value) && (value as number) >= 0),
    description: 'Size in GiB as an integer, or "MAX" for all the space that is left. Required.',
  },
  volume_name: {
    allowed: 'text',
    test: isText,
    description: 'Name of the volume; one is made up when it is absent. Optional.',
  },
  is_root_volume: {
    allowed: 'true or false',
    test: isBoolean,
    description: 'Whether this is the root volume; false when absent. Optional.',
  },
  share_physical_disks: {
    allowed: 'true or false',
    test: isBoolean,
    description: 'Whether other logical disks may lie on the same physical disks; false when absent. Optional.',
  },
  disk_type: {
    allowed: `one of ${words(diskTypes)}`,
    test: (value) => (diskTypes as readonly unknown[]).includes(value),
    description: `Type of the physical disks: ${words(diskTypes)}; any when absent. Optional.`,
  },
  interface_type: {
    allowed: `one of ${words(interfaceTypes)}`,
    test: (value) => (interfaceTypes as readonly unknown[]).includes(value),
    description: `Interface of the physical disks: ${words(interfaceTypes)}; any when absent. Optional.`,
  },
  number_of_physical_disks: {
    allowed: 'an integer from 1 up',
    test: (value) => Number.isSafeInteger(value) && (value as number) > 0,
    description: 'How many physical disks to use; as few as the RAID level needs when absent. Optional.',
  },
  controller: {
    allowed: 'text',
    test: isText,
    description: 'Controller of the logical disk; the driver chooses one when it is absent. Optional.',
  },
  physical_disks: {
    allowed: 'a list of names of disks, or of at least two objects that describe disks',
    test: isDiskList,
    description: 'The physical disks to use, with a controller; the driver chooses them when absent. Optional.',
  },
};

/** What a logical disk may have, by name, with a sentence each. */
export const logicalDiskProperties: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(properties).map(([name, { description }]) => [name, description]),
);

type Problem = Reading & { readonly ok: false };

function checkDisk(disk: unknown, at: string): Problem | undefined {
  if (!isJsonObject(disk)) {
    return { ok: false, at, found: disk, allowed: 'an object' };
  }
  for (const [name, value] of Object.entries(disk)) {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (property === undefined || !property.test(value)) {
      const allowed = property?.allowed ?? `only the keys ${words(Object.keys(properties))}`;
      return { ok: false, at: `${at}.${name}`, found: value, allowed };
    }
  }
  for (const [name, { required, allowed }] of Object.entries(properties)) {
    if (required === true && disk[name] === undefined) {
      return { ok: false, at: `${at}.${name}`, found: undefined, allowed };
    }
  }
  return disk.physical_disks !== undefined && disk.controller === undefined
    ? { ok: false, at: `${at}.controller`, found: undefined, allowed: 'the controller of the physical disks' }
    : undefined;
}

function read(config: Record<string, unknown>): Reading {
  if (Object.keys(config).length === 0) {
    return { ok: true, value: config };
  }
  const { logical_disks: disks, ...others } = config;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    return { ok: false, at: `.${unknown}`, found: config[unknown], allowed: 'only the key logical_disks' };
  }
  if (!Array.isArray(disks) || disks.length === 0) {
    return { ok: false, at: '.logical_disks', found: disks, allowed: 'a list of at least one logical disk' };
  }
  const problem = disks.map((disk, index) => checkDisk(disk, `.logical_disks[${index}]`)).find((each) => each);
  if (problem !== undefined) {
    return problem;
  }
  const roots = disks.filter((disk) => disk.is_root_volume === true).length;
  return roots > 1
    ? { ok: false, at: '.logical_disks', found: disks, allowed: 'one root volume at most' }
    : { ok: true, value: config };
}

/** A RAID configuration as clients ask for it; the empty object asks for none. */
export const raidConfig: ValueType = object(read, 'an object with logical_disks, or {}');
