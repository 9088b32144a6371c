// What can not be answered as it was asked for: an HTTP status and messages, in the form of DSP0266, 8.6 (error responses).
import type { Model, OwnMessage } from '../models/model.ts';
import type { Answer, Body } from '../types.ts';
import { type BaseMessage, baseMessages, textOf } from './messages.ts';

export interface Message {
  readonly key: BaseMessage;
  readonly args?: readonly string[];
  /** In place of what Base says. */
  readonly own?: OwnMessage;
  /** JSON pointers of the properties that it is about. */
  readonly related?: readonly string[];
}

export class Problem extends Error {
  readonly status: number;
  readonly messages: readonly Message[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, messages: readonly Message[], headers: Readonly<Record<string, string>> = {}) {
    super(messages.map(({ key }) => key).join(', '));
    this.name = 'Problem';
    this.status = status;
    this.messages = messages;
    this.headers = headers;
  }
}

/** A problem with one message. */
export const problem = (status: number, key: BaseMessage, ...args: readonly string[]): Problem =>
  new Problem(status, [{ key, args }]);

/** A message as it is in answers (schema Message, version 1.1.2). */
export function messageBody(model: Model, { key, args = [], own, related }: Message): Body {
  const known = baseMessages[key];
  return {
    '@odata.type': '#Message.v1_1_2.Message',
    MessageId: own?.id ?? `${model.base}.${key}`,
    Message: own?.text ?? textOf(known, args),
    MessageArgs: own?.args ?? args,
    MessageSeverity: known.severity,
    Severity: known.severity,
    Resolution: known.resolution,
    ...(related === undefined ? {} : { RelatedProperties: related }),
  };
}

/** The body of an error. */
export function errorBody(model: Model, messages: readonly Message[]): Body {
  const [first] = messages;
  const one = messages.length === 1 && first !== undefined ? first : { key: 'GeneralError' as const };
  return {
    error: {
      code: model.errorCode ?? `${model.base}.${one.key}`,
      message: textOf(baseMessages[one.key], first?.args ?? []),
      '@Message.ExtendedInfo': messages.map((each) => messageBody(model, each)),
    },
  };
}

export const answerOf = (model: Model, { status, messages, headers }: Problem): Answer => ({
  status,
  body: errorBody(model, messages),
  headers,
});
