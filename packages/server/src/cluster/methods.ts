// The methods of the doors that one process may call on another, by name; everything else is answered where it is asked.
import type { Doors, VendorAnswer } from '../flows/doors.ts';
import { CallRefused, callErrorCodes } from './wire.ts';

/** Methods whose first argument is a request with its node. */
export const startMethods = [
  'provision',
  'power',
  'bootMode',
  'secureBoot',
  'console',
  'attachVirtualMedium',
  'detachVirtualMedia',
] as const satisfies readonly (keyof Doors['start'])[];

/** Methods whose first argument is the node. */
export const callMethods = [
  'validate',
  'getBootDevice',
  'setBootDevice',
  'supportedBootDevices',
  'injectNmi',
  'indicators',
  'getIndicator',
  'setIndicator',
  'virtualMedia',
  'consoleInfo',
  'dropConsole',
  'listVifs',
  'switchPorts',
  'attachVif',
  'detachVif',
  'changeCarrier',
] as const satisfies readonly (keyof Doors['call'])[];

/** Methods whose first argument is the node. */
export const signalMethods = [
  'inspection',
  'heartbeat',
  'lookup',
] as const satisfies readonly (keyof Doors['signal'])[];

type AnyMethod = (...given: readonly unknown[]) => Promise<unknown>;

/** What a vendor method answered, as JSON can carry it. */
type WireVendorAnswer =
  | Exclude<VendorAnswer, { kind: 'raw' }>
  | { readonly kind: 'bytes'; readonly base64: string }
  | {
      readonly kind: 'text';
      readonly text: string;
    };

function toWire(answer: VendorAnswer): WireVendorAnswer {
  if (answer.kind !== 'raw') {
    return answer;
  }
  return typeof answer.content === 'string'
    ? { kind: 'text', text: answer.content }
    : { kind: 'bytes', base64: Buffer.from(answer.content).toString('base64') };
}

/** The answer of a vendor method that came from another process. */
export function vendorAnswerFromWire(answer: unknown): VendorAnswer {
  const wire = answer as WireVendorAnswer;
  switch (wire.kind) {
    case 'text':
      return { kind: 'raw', content: wire.text };
    case 'bytes':
      return { kind: 'raw', content: Buffer.from(wire.base64, 'base64') };
    default:
      return wire;
  }
}

const callable = new Map<string, (doors: Doors) => AnyMethod>([
  ...startMethods.map((name) => [`start.${name}`, (doors: Doors) => doors.start[name] as AnyMethod] as const),
  ['start.allocate', (doors) => async (id) => doors.start.allocate(id as number)],
  ...callMethods.map((name) => [`call.${name}`, (doors: Doors) => doors.call[name] as AnyMethod] as const),
  ...signalMethods.map((name) => [`signal.${name}`, (doors: Doors) => doors.signal[name] as AnyMethod] as const),
  [
    'vendor.callOfNode',
    (doors) =>
      async (...given) =>
        toWire((await (doors.call.vendor.callOfNode as AnyMethod)(...given)) as VendorAnswer),
  ],
  [
    'vendor.callOfDriver',
    (doors) =>
      async (...given) =>
        toWire((await (doors.call.vendor.callOfDriver as AnyMethod)(...given)) as VendorAnswer),
  ],
]);

/** Calls the method of this name. @throws CallRefused when there is none; what the method throws */
export async function callMethod(doors: Doors, method: string, given: readonly unknown[]): Promise<unknown> {
  const find = callable.get(method);
  if (find === undefined) {
    throw new CallRefused(callErrorCodes.methodNotFound, `There is no method "${method}".`);
  }
  return find(doors)(...given);
}
