// The kernel command line of the agent's ramdisk.
import { KERNEL_PARAMETER, type Node, registeredError } from '@wrought/contract';
import { agentApiUrl } from '../../boot/addresses.ts';
import type { Config } from '../../config/index.ts';
import type { RamdiskPurpose } from '../kit/index.ts';

/** What an operator may add: one line of printable characters, because it becomes a line of a boot script. */
const PRINTABLE_LINE = /^[\x20-\x7e]*$/;

/** The additional arguments: of the instance, else of the node, else the default ones. */
function appendParams(node: Node, config: Config): string {
  for (const [where, bag] of [
    ['instance_info', node.instance_info],
    ['driver_info', node.driver_info],
  ] as const) {
    const value = bag.kernel_append_params;
    if (value === undefined || value === null) {
      continue;
    }
    if (typeof value !== 'string' || !PRINTABLE_LINE.test(value)) {
      throw registeredError('InvalidParameterValue', {
        reason: `${where}/kernel_append_params of node ${node.uuid} must be one line of text, but is ${JSON.stringify(value)}.`,
      });
    }
    return value.replaceAll('%default%', config.pxe.kernel_append_params);
  }
  return config.pxe.kernel_append_params;
}

/**
 * All arguments but those that only the boot loader knows (BOOTIF, initrd).
 * @throws InvalidParameterValue, MissingParameterValue
 */
export function kernelArguments(node: Node, config: Config, purpose: RamdiskPurpose = 'deploy'): string[] {
  const append = appendParams(node, config).split(' ');
  const api = agentApiUrl(config);
  const inspection =
    purpose === 'inspect' ? [`${KERNEL_PARAMETER.inspectionCallbackUrl}=${api}/v1/continue_inspection`] : [];
  return [`${KERNEL_PARAMETER.apiUrl}=${api}`, ...inspection, ...append.filter((each) => each !== '')];
}
