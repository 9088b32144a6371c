// Reads request bodies: JSON whatever the Content-Type says, as deep as [api]max_json_body_depth allows.
import { registeredError } from '@wrought/contract';
import { FrameworkError } from './error-body.ts';

const decoder = new TextDecoder('utf-8', { fatal: true });

/** A body that nests deeper than allowed; it is answered outside the usual error wrapper. */
export class TooDeepError extends Error {}

/** @throws FrameworkError for bytes that are not UTF-8, TooDeepError, RegisteredError for text that is not JSON */
export function parseBody(bytes: Uint8Array, maximumDepth: number): unknown {
  if (bytes.length === 0) {
    return undefined;
  }
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    throw new FrameworkError(400, 'The request body is not UTF-8 text.');
  }
  checkDepth(text, maximumDepth);
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw registeredError('Invalid', { reason: `The request body is not JSON: ${reason}` });
  }
}

/** Counts brackets outside strings, so that a hostile body is refused before it is parsed. */
function checkDepth(text: string, maximumDepth: number): void {
  // Text with few brackets can not be too deep; nearly every body ends here.
  if (text.length <= maximumDepth) {
    return;
  }
  let depth = 0;
  let inString = false;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (inString) {
      if (code === 0x5c) {
        index += 1;
      } else if (code === 0x22) {
        inString = false;
      }
    } else if (code === 0x22) {
      inString = true;
    } else if (code === 0x7b || code === 0x5b) {
      depth += 1;
      if (depth > maximumDepth) {
        throw new TooDeepError(
          `The request body nests deeper than ${maximumDepth} levels, which is the limit (api.max_json_body_depth).`,
        );
      }
    } else if (code === 0x7d || code === 0x5d) {
      depth -= 1;
    }
  }
}
