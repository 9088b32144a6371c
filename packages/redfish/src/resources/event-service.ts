// Subscriptions to the events of a service (EventService, EventDestination schemas).
import type { Answer, CallOptions, Client } from '../client.ts';
import { isMissing } from '../refusal.ts';
import type { Resource } from '../resource.ts';

export interface EventService {
  readonly resource: Resource;
  readonly isEnabled: boolean | undefined;
  readonly subscriptionsPath: string;
  /** Where events come as a stream. */
  readonly streamPath: string | undefined;
  readonly eventFormatTypes: readonly string[];
  readonly registryPrefixes: readonly string[];
  readonly resourceTypes: readonly string[];
  /** Of the older schema: `Alert`, `StatusChange` and so on. */
  readonly eventTypes: readonly string[];
}

/**
 * Reads the event service.
 *
 * @throws UnsupportedError when there is none.
 */
export async function readEventService(client: Client, options: CallOptions = {}): Promise<EventService> {
  const resource = await client.get((await client.root(options)).mustLink('EventService'), options);
  return {
    resource,
    isEnabled: resource.boolean('ServiceEnabled'),
    subscriptionsPath: resource.mustLink('Subscriptions'),
    streamPath: resource.text('ServerSentEventUri'),
    eventFormatTypes: resource.strings('EventFormatTypes'),
    registryPrefixes: resource.strings('RegistryPrefixes'),
    resourceTypes: resource.strings('ResourceTypes'),
    eventTypes: resource.strings('EventTypesForSubscription'),
  };
}

export interface Subscription {
  readonly path: string;
  readonly id: string;
  readonly destination: string | undefined;
  readonly context: string | undefined;
  readonly protocol: string | undefined;
  readonly eventTypes: readonly string[];
  readonly registryPrefixes: readonly string[];
  readonly resourceTypes: readonly string[];
  readonly eventFormatType: string | undefined;
}

/** Reads one subscription. */
export function readSubscription(resource: Resource): Subscription {
  return {
    path: resource.path,
    id: resource.id,
    destination: resource.text('Destination'),
    context: resource.string('Context'),
    protocol: resource.text('Protocol'),
    eventTypes: resource.strings('EventTypes'),
    registryPrefixes: resource.strings('RegistryPrefixes'),
    resourceTypes: resource.strings('ResourceTypes'),
    eventFormatType: resource.text('EventFormatType'),
  };
}

/** Reads all subscriptions, also those of others. */
export async function listSubscriptions(
  client: Client,
  service: EventService,
  options: CallOptions = {},
): Promise<Subscription[]> {
  return (await client.members(service.subscriptionsPath, options)).map(readSubscription);
}

export interface NewSubscription {
  /** URL to which the BMC posts events. */
  readonly destination: string;
  /** Comes back with each event. */
  readonly context?: string;
  /** Default `Redfish`. */
  readonly protocol?: string;
  /** Sent with each event, as for authentication. */
  readonly httpHeaders?: Readonly<Record<string, string>>;
  readonly eventTypes?: readonly string[];
  readonly registryPrefixes?: readonly string[];
  readonly resourceTypes?: readonly string[];
  readonly eventFormatType?: 'Event' | 'MetricReport';
}

/**
 * Subscribes to events. Services of older schemas want EventTypes: they get all of theirs where the caller names none.
 *
 * @returns the path of the subscription; undefined when the service does not tell it.
 */
export async function createSubscription(
  client: Client,
  service: EventService,
  subscription: NewSubscription,
  options: CallOptions = {},
): Promise<{ readonly path: string | undefined; readonly answer: Answer }> {
  const { destination, context = '', protocol = 'Redfish', httpHeaders, eventTypes } = subscription;
  const { registryPrefixes, resourceTypes, eventFormatType } = subscription;
  const body = {
    Destination: destination,
    Context: context,
    Protocol: protocol,
    ...(httpHeaders === undefined ? {} : { HttpHeaders: [httpHeaders] }),
    ...(eventTypes === undefined ? {} : { EventTypes: eventTypes }),
    ...(registryPrefixes === undefined ? {} : { RegistryPrefixes: registryPrefixes }),
    ...(resourceTypes === undefined ? {} : { ResourceTypes: resourceTypes }),
    ...(eventFormatType === undefined ? {} : { EventFormatType: eventFormatType }),
  };
  const post = (value: object) => client.post(service.subscriptionsPath, value, options);
  let answer: Answer;
  try {
    answer = await post(body);
  } catch (error) {
    if (eventTypes === undefined && isMissing(error, 'EventTypes')) {
      answer = await post({ ...body, EventTypes: service.eventTypes.length > 0 ? service.eventTypes : ['Alert'] });
    } else throw error;
  }
  const { location, resource } = answer;
  return { path: location ?? resource?.ownPath, answer };
}

/** Ends a subscription. */
export const deleteSubscription = (client: Client, path: string, options?: CallOptions): Promise<Answer> =>
  client.delete(path, options);

/** Lets the service send an event to all subscribers, so that they know that it can reach them. */
export const sendTestEvent = (
  client: Client,
  service: EventService,
  event: Readonly<Record<string, unknown>> = { MessageId: 'Base.1.0.Success', Severity: 'OK', Message: 'test' },
  options?: CallOptions,
): Promise<Answer> =>
  client.action(service.resource, 'EventService.SubmitTestEvent', event, { ...options, unchecked: true });
