// Picks the disk that shall hold the operating system.
import {
  type AgentNode,
  formatRootDeviceHint,
  matchesRootDeviceHints,
  parseRootDeviceHints,
  type RootDeviceHint,
  withoutSkippedDevices,
} from '@wrought/contract';
import { AgentFailure } from '../errors.ts';
import { isJsonObject } from '../params.ts';
import type { Disk } from './disks.ts';
import { resolvePath } from './sysfs.ts';

const GIB_BYTES = 1024 ** 3;
/** Without hints the smallest disk of at least this size is taken, as Ironic does. */
const PREFERRED_MIN_BYTES = 4 * GIB_BYTES;
/** Where no disk is that large, the largest one of at least this size is taken, so that small machines work. */
const ACCEPTED_MIN_BYTES = GIB_BYTES;

function describe(disks: readonly Disk[]): string {
  if (disks.length === 0) return 'there is no disk';
  return `the disks are ${disks.map((disk) => `${disk.name} (${disk.model || 'no model'}, ${disk.size} bytes)`).join(', ')}`;
}

/** A `name` hint may be one of udev's links, such as `/dev/disk/by-path/...`: what it points to counts. */
function withResolvedName(hint: RootDeviceHint): RootDeviceHint {
  const isLink = hint.name === 'name' && hint.operator === 's==' && (hint.values[0] ?? '').startsWith('/dev/disk/');
  const target = isLink ? resolvePath(hint.values[0] ?? '') : null;
  return target === null ? hint : { ...hint, values: [target.toLowerCase()] };
}

/** The disks that `properties.skip_block_devices` leaves to the agent. */
export function usableDisks(node: AgentNode, disks: readonly Disk[]): Disk[] {
  const skip = node.properties.skip_block_devices;
  return withoutSkippedDevices(disks, Array.isArray(skip) ? skip.filter(isJsonObject) : []);
}

/**
 * Picks the root disk by `instance_info.root_device`, else `properties.root_device`, else by size: the smallest disk
 * of at least 4 GiB; when there is none, the largest one of at least 1 GiB. The first disk that matches all hints wins.
 *
 * @throws AgentFailure naming hints and disks when none fits.
 */
export function pickRootDevice(node: AgentNode, disks: readonly Disk[]): Disk {
  const usable = usableDisks(node, disks).filter((disk) => !disk.isReadOnly);
  const wanted = [node.instance_info.root_device, node.properties.root_device].find(
    (hints) => isJsonObject(hints) && Object.keys(hints).length > 0,
  );
  if (isJsonObject(wanted)) {
    const hints = parseRootDeviceHints(wanted).map(withResolvedName);
    const found = usable.find((disk) => matchesRootDeviceHints(disk, hints));
    if (found !== undefined) return found;
    const shown = hints.map((hint) => `${hint.name} ${formatRootDeviceHint(hint)}`).join(', ');
    throw new AgentFailure('DeviceNotFound', `no disk matches the root device hints ${shown}; ${describe(usable)}`);
  }
  const bySize = [...usable].sort((left, right) => left.size - right.size);
  const chosen =
    bySize.find((disk) => disk.size >= PREFERRED_MIN_BYTES) ??
    bySize.findLast((disk) => disk.size >= ACCEPTED_MIN_BYTES);
  if (chosen === undefined) {
    throw new AgentFailure('DeviceNotFound', `no disk has ${ACCEPTED_MIN_BYTES} bytes or more; ${describe(usable)}`);
  }
  return chosen;
}
