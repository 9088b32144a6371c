// Vendor methods through IPMI: raw bytes to the BMC, and a reset of the BMC itself.
import { type JsonObject, readBoolean, registeredError } from '@wrought/contract';
import type { Config } from '../../config/index.ts';
import { readBytes } from '../../config/raw-command.ts';
import { done, nodeMethod, type Step, step, type Task, type VendorInterface } from '../kit/index.ts';
import type { IpmiBackend } from './backend.ts';
import { readConnection } from './connection.ts';
import { properties } from './properties.ts';

const RAW_BYTES_ALLOWED =
  'at least two numbers with spaces between them, each 0x00 to 0xff or 0 to 255, such as "0x06 0x01" (network function, command, data)';

/** @throws OperationNotPermitted that names the rule, where the configuration has one against such a command */
function checkAllowed(bytes: readonly number[], { ipmi }: Config): void {
  const rule = ipmi.raw_deny.find((text) => {
    const read = readBytes(text);
    return 'bytes' in read && read.bytes.every((byte, index) => byte === bytes[index]);
  });
  if (rule !== undefined) {
    throw registeredError('OperationNotPermitted', {
      reason: `The raw command is refused: those that begin with "${rule}" are in ipmi.raw_deny of this server's configuration.`,
    });
  }
}

/** The bytes of a raw command. @throws RegisteredError that does not repeat them, also for a command that is not allowed */
function readRawBytes({ raw_bytes: given }: JsonObject, config: Config): readonly number[] {
  if (given === undefined || given === null || given === '') {
    throw registeredError('MissingParameterValue', {
      reason: `The argument "raw_bytes" is missing: ${RAW_BYTES_ALLOWED}.`,
    });
  }
  const read = readBytes(typeof given === 'string' ? given : '');
  if ('wrong' in read || read.bytes.length < 2) {
    const where =
      'wrong' in read ? `Number ${read.wrong + 1} in the argument "raw_bytes" is none` : '"raw_bytes" is too short';
    throw registeredError('InvalidParameterValue', { reason: `${where}; allowed: ${RAW_BYTES_ALLOWED}.` });
  }
  checkAllowed(read.bytes, config);
  return read.bytes;
}

/** Whether to reset warm. @throws RegisteredError */
function readWarm({ warm = true }: JsonObject): boolean {
  const read = readBoolean(warm);
  if (read === undefined) {
    throw registeredError('InvalidParameterValue', {
      reason: 'The argument "warm" is neither true nor false; true resets the BMC warm, false cold.',
    });
  }
  return read;
}

/** @throws RegisteredError that names what is allowed */
function checkNames(method: string, body: JsonObject, allowed: string): void {
  const unknown = Object.keys(body).filter((name) => name !== allowed);
  if (unknown.length > 0) {
    throw registeredError('InvalidParameterValue', {
      reason: `The vendor method "${method}" takes the argument "${allowed}" alone; it got ${unknown.length} more.`,
    });
  }
}

/** Vendor interface "ipmitool". */
export function ipmitoolVendor(backend: IpmiBackend): VendorInterface {
  async function sendRaw(task: Task, bytes: readonly number[]): Promise<void> {
    await backend.sendRaw(task, bytes);
    task.record({ kind: 'bmc', message: `The BMC took a raw command of ${bytes.length} bytes.` });
  }

  /** What raw bytes do is not known, so a step that may have happened is not repeated. */
  function rawStep(manner: Pick<Step, 'kinds'> & Partial<Step>): Step {
    return step({
      interface: 'vendor',
      step: 'send_raw',
      recovery: 'never',
      argsinfo: { raw_bytes: { description: `The raw command: ${RAW_BYTES_ALLOWED}.`, required: true } },
      ...manner,
      async execute(task, args) {
        await sendRaw(task, readRawBytes(args, task.config));
        return done();
      },
    });
  }

  return {
    kind: 'vendor',
    name: 'ipmitool',
    properties,
    supported: true,
    async validate(task) {
      readConnection(task.node);
    },
    steps: [
      rawStep({ kinds: ['clean'] }),
      rawStep({ kinds: ['deploy'], abortable: true }),
      rawStep({ kinds: ['service'], requires_ramdisk: true }),
    ],
    nodeMethods: [
      nodeMethod({
        name: 'send_raw',
        httpMethods: ['POST'],
        description: `Sends a raw IPMI command. Argument "raw_bytes": ${RAW_BYTES_ALLOWED}.`,
        async validate({ node, config }, { body }) {
          checkNames('send_raw', body, 'raw_bytes');
          readRawBytes(body, config);
          readConnection(node);
        },
        run: (task, { body }) => sendRaw(task, readRawBytes(body, task.config)),
      }),
      nodeMethod({
        name: 'bmc_reset',
        httpMethods: ['POST'],
        description: 'Resets the BMC. Argument "warm" (default true): a warm reset; false: a cold one.',
        async validate({ node }, { body }) {
          checkNames('bmc_reset', body, 'warm');
          readWarm(body);
          readConnection(node);
        },
        async run(task, { body }) {
          const manner = readWarm(body) ? 'warm' : 'cold';
          await backend.resetBmc(task, manner);
          task.record({ kind: 'bmc', message: `The BMC accepted a ${manner} reset.` });
        },
      }),
    ],
    driverMethods: [],
  };
}
