// Vendor methods through Redfish: virtual drives are emptied, and events of the BMC are sent to whoever subscribes.
import { type JsonObject, registeredError } from '@wrought/contract';
import { nodeMethod, type Task, type VendorInterface } from '../kit/index.ts';
import type { RedfishBmc } from './bmc/index.ts';
import type { SubscriptionWish } from './bmc/subscriptions.ts';
import { readConnection } from './connection.ts';
import { properties } from './properties.ts';

/** What a drive may be called by callers, and what it calls itself. */
const driveTypes = { cd: 'CD', dvd: 'DVD', usb: 'USBStick', floppy: 'Floppy' } as const;
const subscriptionMembers = ['Destination', 'EventTypes', 'HttpHeaders', 'Context', 'Protocol'];

const invalid = (reason: string) => registeredError('InvalidParameterValue', { reason });

/** @throws InvalidParameterValue */
function checkNames(method: string, body: JsonObject, allowed: readonly string[]): void {
  const unknown = Object.keys(body).filter((name) => !allowed.includes(name));
  if (unknown.length > 0) {
    const known = allowed.length === 0 ? 'no arguments' : `the arguments ${allowed.join(', ')} alone`;
    throw invalid(`The vendor method "${method}" takes ${known}; it got ${unknown.length} more.`);
  }
}

/** The type of drive to empty; undefined: all. @throws InvalidParameterValue */
function readDriveType({ boot_device: given }: JsonObject) {
  if (given === undefined || given === null || given === '') {
    return undefined;
  }
  const key = String(given).toLowerCase();
  const found = Object.entries(driveTypes).find(([name, type]) => name === key || type.toLowerCase() === key)?.[1];
  if (found === undefined) {
    throw invalid(`The argument "boot_device" is none of: ${Object.keys(driveTypes).join(', ')}.`);
  }
  return found;
}

/** @throws InvalidParameterValue, MissingParameterValue */
function readId({ id }: JsonObject): string {
  if (typeof id !== 'string' || id === '') {
    throw invalid(
      'The argument "id" is missing, or no text: the Id of a subscription, as get_all_subscriptions has it.',
    );
  }
  return id;
}

function readHeaders(given: unknown): Readonly<Record<string, string>> {
  const list: readonly unknown[] = Array.isArray(given) ? given : given === undefined || given === null ? [] : [null];
  const merged = Object.assign({}, ...list.map((each) => (typeof each === 'object' ? each : { '': each })));
  const isRight = Object.entries(merged).every(([name, value]) => name !== '' && typeof value === 'string');
  if (list.includes(null) || !isRight) {
    throw invalid('The argument "HttpHeaders" is no list of objects with text, such as [{"X-Token": "..."}].');
  }
  return merged;
}

/** @throws InvalidParameterValue */
function readWish(body: JsonObject): SubscriptionWish {
  const { Destination: destination, Protocol: protocol = 'Redfish', Context: context = '', EventTypes } = body;
  if (typeof destination !== 'string' || !URL.canParse(destination) || new URL(destination).hostname === '') {
    throw invalid('The argument "Destination" is no URL with a host, such as https://events.example.com/redfish.');
  }
  if (typeof protocol !== 'string') {
    throw invalid('The argument "Protocol" is no text; usual is "Redfish".');
  }
  if (typeof context !== 'string') {
    throw invalid('The argument "Context" is no text.');
  }
  const eventTypes = EventTypes ?? ['Alert'];
  if (!Array.isArray(eventTypes) || !eventTypes.every((each) => typeof each === 'string')) {
    throw invalid('The argument "EventTypes" is no list of texts, such as ["Alert"].');
  }
  return { destination, protocol, context, eventTypes, httpHeaders: readHeaders(body.HttpHeaders) };
}

/** Vendor interface "redfish". */
export function redfishVendor(load: () => Promise<RedfishBmc>): VendorInterface {
  const subscriptions = async () => (await load()).subscriptions;
  const reach = ({ node, config }: Task) => void readConnection(node, config);

  return {
    kind: 'vendor',
    name: 'redfish',
    properties,
    supported: true,
    async validate(task) {
      reach(task);
    },
    nodeMethods: [
      nodeMethod({
        name: 'eject_vmedia',
        httpMethods: ['POST'],
        description: `Empties virtual drives. Argument "boot_device": only those of this type (${Object.keys(driveTypes).join(', ')}).`,
        async validate(task, { body }) {
          checkNames('eject_vmedia', body, ['boot_device']);
          const type = readDriveType(body);
          reach(task);
          if (type !== undefined) {
            const there = await (await load()).driveTypes(task);
            if (!there.includes(type)) {
              throw invalid(
                `The BMC of node ${task.node.uuid} has no virtual drive of the type ${type}; it has: ${there.join(', ')}.`,
              );
            }
          }
        },
        run: async (task, { body }) => (await load()).ejectDrives(task, readDriveType(body)),
      }),
      nodeMethod({
        name: 'create_subscription',
        httpMethods: ['POST'],
        description:
          'Subscribes to events of the BMC. Arguments: "Destination" (an URL, required), "EventTypes", "HttpHeaders", "Context", "Protocol".',
        isAsync: false,
        async validate(task, { body }) {
          checkNames('create_subscription', body, subscriptionMembers);
          readWish(body);
          reach(task);
          if (Array.isArray(body.EventTypes)) {
            const allowed = await (await subscriptions()).eventTypes(task);
            if (!body.EventTypes.every((each) => allowed.includes(String(each)))) {
              throw invalid(
                `The argument "EventTypes" has values that the BMC does not offer; allowed: ${allowed.join(', ')}.`,
              );
            }
          }
        },
        run: async (task, { body }) => (await subscriptions()).create(task, readWish(body)),
      }),
      nodeMethod({
        name: 'delete_subscription',
        httpMethods: ['DELETE'],
        description: 'Deletes a subscription. Argument "id" (required).',
        isAsync: false,
        async validate(task, { body }) {
          checkNames('delete_subscription', body, ['id']);
          readId(body);
          reach(task);
        },
        run: async (task, { body }) => (await subscriptions()).remove(task, readId(body)),
      }),
      nodeMethod({
        name: 'get_subscription',
        httpMethods: ['GET'],
        description: 'Shows a subscription. Argument "id" (required).',
        isAsync: false,
        async validate(task, { body }) {
          checkNames('get_subscription', body, ['id']);
          readId(body);
          reach(task);
        },
        run: async (task, { body }) => (await subscriptions()).get(task, readId(body)),
      }),
      nodeMethod({
        name: 'get_all_subscriptions',
        httpMethods: ['GET'],
        description: 'Lists the subscriptions, also those of others.',
        isAsync: false,
        async validate(task, { body }) {
          checkNames('get_all_subscriptions', body, []);
          reach(task);
        },
        run: async (task) => (await subscriptions()).getAll(task),
      }),
    ],
    driverMethods: [],
  };
}
