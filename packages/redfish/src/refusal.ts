// What a refusal is about, as far as a service says: for parameters that some services want and others do not know.
import { ResponseError } from './errors.ts';
import { messageKey } from './messages.ts';

const toldOf = (error: ResponseError): string =>
  error.messages.map((each) => [each.text ?? '', ...each.arguments, ...each.properties].join(' ')).join(' ');

const isRefusal = (error: unknown): error is ResponseError =>
  error instanceof ResponseError && error.status >= 400 && error.status < 500;

const missingKeys = /^(ActionParameterMissing|PropertyMissing|CreateFailedMissingReqProperties)$/;
const unknownKeys = /^(ActionParameterUnknown|ActionParameterNotSupported|PropertyUnknown|PropertyNotWritable|SYS428)$/;

function isAbout(error: unknown, name: string, keys: RegExp, words: RegExp): boolean {
  if (!isRefusal(error)) return false;
  const told = toldOf(error);
  return told.includes(name) && (error.messages.some((each) => keys.test(messageKey(each))) || words.test(told));
}

/** Whether a service wants a parameter or property that was not sent. */
export const isMissing = (error: unknown, name: string): boolean =>
  isAbout(error, name, missingKeys, /missing|required|must be/i);

/** Whether a service does not know a parameter or property that was sent. */
export const isUnknown = (error: unknown, name: string): boolean =>
  isAbout(error, name, unknownKeys, /unsupported|unknown|not supported|unrecognized|read.?only/i);
