// The kernel command line of the agent's ramdisk.
import { KERNEL_PARAMETER, type Node, registeredError } from '@wrought/contract';
import type { RamdiskPurpose } from '../../drivers/kit/index.ts';

/** What an operator may add: one line of printable characters, because it becomes a line of a boot script. */
const PRINTABLE_LINE = /^[\x20-\x7e]*$/;

/** What differs between ways to boot. */
export interface KernelLine {
  readonly purpose: RamdiskPurpose;
  /** What is added where nobody names anything, and what %default% stands for. */
  readonly append: string;
  /** URL of the API for the agent, without a slash at its end. */
  readonly apiUrl: string;
  /** inspector.collect_lldp. */
  readonly collectsLldp: boolean;
}

/** The additional arguments: of the instance, else of the node, else the default ones. */
function appendParams(node: Node, append: string): string {
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
    return value.replaceAll('%default%', append);
  }
  return append;
}

/**
 * All arguments but those that only the boot loader knows (BOOTIF, initrd).
 * @throws InvalidParameterValue
 */
export function kernelArguments(node: Node, { purpose, append, apiUrl, collectsLldp }: KernelLine): string[] {
  const inspection =
    purpose === 'inspect'
      ? [
          `${KERNEL_PARAMETER.inspectionCallbackUrl}=${apiUrl}/v1/continue_inspection`,
          ...(collectsLldp ? [`${KERNEL_PARAMETER.collectLldp}=1`] : []),
        ]
      : [];
  const more = appendParams(node, append).split(' ');
  return [`${KERNEL_PARAMETER.apiUrl}=${apiUrl}`, ...inspection, ...more.filter((each) => each !== '')];
}
