// The node's settings of disk erasure, which the server hands over in driver_internal_info.
import type { AgentNode } from '@wrought/contract';
import { isTrue } from '../params.ts';

export type EraseSettings = {
  /** Passes of random data when a disk is overwritten. */
  iterations: number;
  /** A last pass of zeros. */
  zeroize: boolean;
  /** Overwrite where the disk's own erasure fails, instead of failing. */
  continueIfSecureEraseFailed: boolean;
  nvmeSecureErase: boolean;
  ataSecureErase: boolean;
  /** Disks erased at the same time. */
  concurrency: number;
  /** Leave read-only disks alone instead of failing. */
  skipReadOnly: boolean;
};

function count(value: unknown, fallback: number, minimum: number): number {
  const parsed = Number(value ?? fallback);
  return Number.isInteger(parsed) && parsed >= minimum ? parsed : fallback;
}

/** Reads the settings of a node; the defaults are Ironic's. */
export function readEraseSettings(node: AgentNode): EraseSettings {
  const info = node.driver_internal_info;
  const continues = info.agent_continue_if_secure_erase_failed ?? info.agent_continue_if_ata_erase_failed;
  return {
    iterations: count(info.agent_erase_devices_iterations, 1, 0),
    zeroize: isTrue(info.agent_erase_devices_zeroize, true),
    continueIfSecureEraseFailed: isTrue(continues, false),
    nvmeSecureErase: isTrue(info.agent_enable_nvme_secure_erase, true),
    ataSecureErase: isTrue(info.agent_enable_ata_secure_erase, true),
    concurrency: count(info.disk_erasure_concurrency, 1, 1),
    skipReadOnly: isTrue(info.agent_erase_skip_read_only, false),
  };
}
