// The step of the management interfaces that installs firmware images, whatever they are for.
import { type Step, step } from '../kit/index.ts';
import type { RedfishBmc } from './bmc/index.ts';
import { readFirmwareImages } from './firmware-images.ts';
import { firmwareWork } from './firmware-work.ts';

/** Step `update_firmware`: its arguments are those of the same step of Ironic. */
export function updateFirmwareStep(load: () => Promise<RedfishBmc>): Step {
  const work = firmwareWork(load, readFirmwareImages);
  return step({
    interface: 'management',
    step: 'update_firmware',
    kinds: ['clean', 'service'],
    recovery: 'repeat',
    requires_ramdisk: true,
    argsinfo: {
      firmware_images: {
        description:
          'The images in their order: [{"url": "https://...", "checksum": "...", "wait": 60, "source": "local"}]. The checksum is SHA-1, SHA-256 or SHA-512; wait (seconds after the update) and source (http: the BMC fetches from the url; local: from this server) may be left out.',
        required: true,
      },
    },
    execute: work,
    resume: work,
  });
}
