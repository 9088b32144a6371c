// Events: subscriptions to which they are pushed, and the stream of server-sent events (DSP0266, 12.1 and 12.4; schemas EventService, EventDestination, Event).
import type { ServerResponse } from 'node:http';
import type { RedfishBmc, RedfishChange } from '../bmc.ts';
import {
  checkParameters,
  checkProperties,
  isAny,
  isOneOf,
  isText,
  isTextOrNull,
  isTexts,
  isUri,
  type Writable,
} from '../http/checks.ts';
import { resourceMessages, taskMessages, textOf } from '../http/messages.ts';
import { problem } from '../http/problem.ts';
import type { Model } from '../models/model.ts';
import { perBmc } from '../per-bmc.ts';
import type { At, Body, Call, Route } from '../types.ts';
import { deliver } from './deliver.ts';
import { action, collection, healthy, link, resource, root, systemPath, timeOf, typeOf } from './shape.ts';

interface Subscription {
  readonly id: string;
  readonly destination: string;
  context: string | null;
  readonly protocol: string;
  readonly registryPrefixes: readonly string[];
  readonly resourceTypes: readonly string[];
  readonly eventTypes: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
}

interface EventRecord {
  readonly messageId: string;
  readonly path: string;
  readonly args: readonly string[];
}

const mostSubscriptions = 20;
const known = { ...resourceMessages, ...taskMessages };

class Events {
  readonly #bmc: RedfishBmc;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #streams = new Set<ServerResponse>();
  #nextSubscription = 1;
  #nextEvent = 1;

  constructor(bmc: RedfishBmc) {
    this.#bmc = bmc;
    bmc.onChange((change) => this.#onChange(change));
  }

  get all(): readonly Subscription[] {
    return [...this.#subscriptions.values()];
  }

  get(id: string | undefined): Subscription | undefined {
    return this.#subscriptions.get(id ?? '');
  }

  add(wish: Omit<Subscription, 'id'>): Subscription {
    if (this.#subscriptions.size >= mostSubscriptions) throw problem(400, 'CreateLimitReachedForResource');
    const subscription = { ...wish, id: String(this.#nextSubscription++) };
    this.#subscriptions.set(subscription.id, subscription);
    return subscription;
  }

  remove(id: string): void {
    this.#subscriptions.delete(id);
  }

  /** Adds a listener to the stream, until its connection ends. */
  listen(response: ServerResponse): void {
    response.writeHead(200, { 'Content-Type': 'text/event-stream;charset=UTF-8', 'Cache-Control': 'no-cache' });
    response.write(': open\n\n');
    this.#streams.add(response);
    response.on('close', () => this.#streams.delete(response));
  }

  /** Sends an event to whom it concerns. */
  send(record: EventRecord): void {
    const id = String(this.#nextEvent++);
    for (const stream of this.#streams) {
      stream.write(`id: ${id}\ndata: ${JSON.stringify(this.#body(id, record, null))}\n\n`);
    }
    const prefix = record.messageId.split('.')[0] ?? '';
    for (const subscription of this.#subscriptions.values()) {
      const { registryPrefixes } = subscription;
      if (registryPrefixes.length > 0 && !registryPrefixes.includes(prefix)) continue;
      const body = this.#body(id, record, subscription.context);
      void deliver(subscription.destination, JSON.stringify(body), subscription.headers, this.#bmc.settings.log);
    }
  }

  #body(id: string, { messageId, path, args }: EventRecord, context: string | null): Body {
    const message = Object.entries(known).find(([key]) => messageId.endsWith(`.${key}`))?.[1];
    const severity = message?.severity ?? 'OK';
    return {
      ...typeOf(this.#bmc.model, 'Event'),
      Id: id,
      Name: 'Event',
      Context: context,
      Events: [
        {
          MemberId: '0',
          EventType: 'Alert',
          EventId: id,
          EventTimestamp: timeOf(),
          MessageId: messageId,
          Message: message === undefined ? messageId : textOf(message, args),
          MessageArgs: args,
          MessageSeverity: severity,
          Severity: severity,
          OriginOfCondition: link(path),
        },
      ],
    };
  }

  #onChange(change: RedfishChange): void {
    const path = systemPath(this.#bmc.model);
    if (change.what === 'power') {
      const key = change.power === 'On' ? 'ResourcePoweredOn' : 'ResourcePoweredOff';
      this.send({ messageId: `ResourceEvent.1.2.${key}`, path, args: [path] });
    } else if (change.what === 'message') {
      this.send(change);
    } else if (change.what === 'reset') {
      for (const stream of this.#streams) stream.end();
    }
  }
}

const eventsOf = perBmc((bmc) => new Events(bmc));

const service = `${root}/EventService`;
const eventTypes = ['StatusChange', 'ResourceUpdated', 'ResourceAdded', 'ResourceRemoved', 'Alert'];
const registryPrefixes = ['Base', 'ResourceEvent', 'TaskEvent', 'Update'];

function bodyOf(model: Model, subscription: Subscription): Body {
  return {
    ...resource(model, 'EventDestination', subscription.id, 'Event Subscription'),
    Destination: subscription.destination,
    Context: subscription.context,
    Protocol: subscription.protocol,
    SubscriptionType: 'RedfishEvent',
    EventFormatType: 'Event',
    EventTypes: subscription.eventTypes,
    RegistryPrefixes: subscription.registryPrefixes,
    ResourceTypes: subscription.resourceTypes,
    HttpHeaders: [],
    Status: healthy,
  };
}

const texts = (value: unknown) => (value === undefined ? [] : (value as string[]));

function subscribe({ bmc, body }: Call) {
  const writable: Writable = {
    ...{ Destination: isUri, Protocol: isOneOf(['Redfish']), Context: isTextOrNull, EventTypes: isTexts, Name: isText },
    ...{
      RegistryPrefixes: isTexts,
      ResourceTypes: isTexts,
      MessageIds: isTexts,
      OriginResources: isAny,
      HttpHeaders: isAny,
    },
    ...{
      EventFormatType: isOneOf(['Event']),
      SubscriptionType: isOneOf(['RedfishEvent']),
      DeliveryRetryPolicy: isText,
    },
    ...{ SubordinateResources: isAny, VerifyCertificate: isAny, Oem: isAny },
  };
  checkProperties(body, writable, {}, ['Destination', 'Protocol']);
  if (!/^https?:/i.test(String(body.Destination))) {
    throw problem(400, 'PropertyValueFormatError', String(body.Destination), 'Destination');
  }
  const headers = Array.isArray(body.HttpHeaders) ? (body.HttpHeaders as Record<string, string>[]) : [];
  const subscription = eventsOf(bmc).add({
    destination: String(body.Destination),
    context: typeof body.Context === 'string' ? body.Context : null,
    protocol: 'Redfish',
    registryPrefixes: texts(body.RegistryPrefixes),
    resourceTypes: texts(body.ResourceTypes),
    eventTypes: texts(body.EventTypes),
    headers: Object.assign({}, ...headers),
  });
  const path = `${service}/Subscriptions/${subscription.id}`;
  return { status: 201, body: { '@odata.id': path, ...bodyOf(bmc.model, subscription) }, headers: { Location: path } };
}

function testEvent({ bmc, body }: Call): undefined {
  checkParameters('EventService.SubmitTestEvent', body, {
    ...{ EventType: isText, EventId: isText, EventTimestamp: isText, Message: isText, MessageArgs: isTexts },
    ...{ MessageId: isText, OriginOfCondition: isAny, Severity: isText, MessageSeverity: isText, EventGroupId: isAny },
  });
  const messageId = typeof body.MessageId === 'string' ? body.MessageId : 'ResourceEvent.1.2.TestMessage';
  eventsOf(bmc).send({ messageId, path: service, args: texts(body.MessageArgs) });
  return undefined;
}

const find = ({ bmc, parameters }: At) => eventsOf(bmc).get(parameters.subscription);

export const eventRoutes = (model: Model): readonly Route[] => [
  {
    path: service,
    get: () => ({
      ...resource(model, 'EventService', 'EventService', 'Event Service'),
      ServiceEnabled: true,
      Status: healthy,
      DeliveryRetryAttempts: 3,
      DeliveryRetryIntervalSeconds: 1,
      EventFormatTypes: ['Event'],
      EventTypesForSubscription: eventTypes,
      RegistryPrefixes: registryPrefixes,
      ResourceTypes: ['ComputerSystem', 'Manager', 'Task', 'VirtualMedia'],
      ...(model.sseUri === undefined ? {} : { ServerSentEventUri: model.sseUri }),
      Subscriptions: link(`${service}/Subscriptions`),
      Actions: action(service, 'EventService.SubmitTestEvent', { EventType: eventTypes }),
    }),
  },
  { path: `${service}/Actions/EventService.SubmitTestEvent`, post: testEvent },
  {
    path: `${service}/Subscriptions`,
    get: ({ bmc }) =>
      collection(
        'EventDestination',
        'Event Subscriptions',
        eventsOf(bmc).all.map(({ id }) => `${service}/Subscriptions/${id}`),
      ),
    post: subscribe,
  },
  {
    path: `${service}/Subscriptions/{subscription}`,
    get: (at) => {
      const subscription = find(at);
      return subscription === undefined ? undefined : bodyOf(model, subscription);
    },
    patch: (call) => {
      const subscription = find(call);
      if (subscription === undefined) return undefined;
      checkProperties(call.body, { Context: isTextOrNull }, bodyOf(model, subscription));
      if (call.body.Context !== undefined) subscription.context = call.body.Context as string | null;
      return undefined;
    },
    delete: ({ bmc, parameters }) => {
      eventsOf(bmc).remove(parameters.subscription ?? '');
      return undefined;
    },
  },
  ...(model.sseUri === undefined
    ? []
    : [
        {
          path: model.sseUri,
          stream: ({ bmc }: At, response: ServerResponse) => eventsOf(bmc).listen(response),
        },
      ]),
];
