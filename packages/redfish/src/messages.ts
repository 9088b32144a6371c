// The messages that a service adds to its answers, as text (DSP0266, "Error responses"; Message schema).

/** One entry of `@Message.ExtendedInfo`; what the service left out is absent. */
export interface Message {
  /** Registry, version and key, such as `Base.1.8.PropertyValueNotInList`. */
  readonly id?: string;
  readonly text?: string;
  readonly severity?: string;
  /** What the service proposes to do. */
  readonly resolution?: string;
  /** JSON pointers of the properties that it is about. */
  readonly properties: readonly string[];
  readonly arguments: readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === 'string' || typeof each === 'number').map(String) : [];

function readMessage(value: unknown): Message | undefined {
  if (typeof value === 'string') return { text: value, properties: [], arguments: [] };
  if (!isObject(value)) return undefined;
  const id = text(value.MessageId) ?? text(value.MessageID);
  const message = text(value.Message);
  const severity = text(value.MessageSeverity) ?? text(value.Severity);
  const resolution = text(value.Resolution);
  return {
    ...(id === undefined ? {} : { id }),
    ...(message === undefined ? {} : { text: message }),
    ...(severity === undefined ? {} : { severity }),
    ...(resolution === undefined || /^none\.?$/i.test(resolution) ? {} : { resolution }),
    properties: texts(value.RelatedProperties),
    arguments: texts(value.MessageArgs),
  };
}

/** A list; services that have one message only give it without the list. */
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : value === undefined ? [] : [value]);

/**
 * Reads every message of the body of an answer: of `error`, of a resource, and those about single properties.
 *
 * @returns an empty list for bodies that have none, whatever their form.
 */
export function readMessages(body: unknown): Message[] {
  if (!isObject(body)) return [];
  const error = isObject(body.error) ? body.error : undefined;
  const found = [...list(error?.['@Message.ExtendedInfo']), ...list(body['@Message.ExtendedInfo'])];
  for (const [name, value] of Object.entries(body)) {
    if (name.endsWith('@Message.ExtendedInfo') && name !== '@Message.ExtendedInfo') found.push(...list(value));
  }
  const messages = found.map(readMessage).filter((each) => each !== undefined);
  if (messages.length === 0 && error !== undefined) {
    const message = readMessage({ MessageId: error.code, Message: error.message });
    return message === undefined ? [] : [message];
  }
  // Some have ids in the list, and the text for people beside it alone.
  const [first, ...others] = messages;
  const told = text(error?.message);
  if (first === undefined || told === undefined || messages.some((each) => each.text !== undefined)) return messages;
  return [{ ...first, text: told }, ...others];
}

/** The key of a message without registry and version: `SessionLimitExceeded` of `Base.1.8.SessionLimitExceeded`. */
export const messageKey = (message: Message): string => message.id?.split('.').at(-1) ?? '';

/** Messages as one line of text: what is wrong, and what the service proposes. Empty without messages. */
export function messagesText(messages: readonly Message[]): string {
  const lines = messages.map((message) => {
    const main = message.text ?? message.id ?? '';
    const about = message.properties.filter((each) => !main.includes(each.replace(/^#?\//, '')));
    const said = about.length === 0 ? main : `${main} (${about.join(', ')})`;
    return message.resolution === undefined ? said : `${said} ${message.resolution}`;
  });
  return [...new Set(lines.filter((line) => line !== ''))].join(' ');
}
