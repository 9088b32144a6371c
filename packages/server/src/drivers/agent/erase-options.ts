// How disks are to be erased, handed to the agent in driver_internal_info under the names that Ironic's agent reads.
import type { JsonObject } from '@wrought/contract';
import type { Config } from '../../config/index.ts';

export function eraseOptions({ deploy }: Config): JsonObject {
  return {
    agent_erase_devices_iterations: deploy.shred_random_overwrite_iterations,
    agent_erase_devices_zeroize: deploy.shred_final_overwrite_with_zeros,
    agent_continue_if_secure_erase_failed: deploy.continue_if_disk_secure_erase_fails,
    // The older name of the same option.
    agent_continue_if_ata_erase_failed: deploy.continue_if_disk_secure_erase_fails,
    agent_enable_nvme_secure_erase: deploy.enable_nvme_secure_erase,
    agent_enable_ata_secure_erase: deploy.enable_ata_secure_erase,
    disk_erasure_concurrency: deploy.disk_erasure_concurrency,
    agent_erase_skip_read_only: deploy.erase_skip_read_only,
  };
}
