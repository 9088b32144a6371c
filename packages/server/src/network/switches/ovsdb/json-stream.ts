// Cuts a stream of bytes into JSON objects: OVSDB sends them one after the other, with nothing or white space between them.
import { StringDecoder } from 'node:string_decoder';

/** Longest object that is taken, in characters; what is longer is no answer to what is asked here. */
const LONGEST_OBJECT = 16 * 1024 * 1024;

/** Makes a function that takes bytes as they come and returns the objects that are complete by now. It throws SyntaxError. */
export function createJsonStream(): (bytes: Buffer) => unknown[] {
  const decoder = new StringDecoder('utf8');
  let text = '';
  /** Up to where `text` was looked at. */
  let at = 0;
  let depth = 0;
  let isInString = false;
  let isEscaped = false;

  function look(character: string): void {
    if (isEscaped) {
      isEscaped = false;
    } else if (isInString) {
      isEscaped = character === '\\';
      isInString = character !== '"';
    } else if (character === '{' || character === '[') {
      depth += 1;
    } else if (character === '}' || character === ']') {
      depth -= 1;
    } else {
      isInString = character === '"';
    }
  }

  return (bytes) => {
    text += decoder.write(bytes);
    const objects: unknown[] = [];
    let start = 0;
    for (; at < text.length; at++) {
      const character = text.charAt(at);
      const wasInside = depth > 0;
      look(character);
      if (wasInside && depth === 0) {
        objects.push(JSON.parse(text.slice(start, at + 1)));
        start = at + 1;
      } else if (depth < 1 && !/\s/.test(character)) {
        throw new SyntaxError(`no JSON object begins with ${JSON.stringify(text.slice(at, at + 40))}`);
      }
    }
    text = text.slice(start);
    at -= start;
    if (text.length > LONGEST_OBJECT) {
      throw new SyntaxError(`a JSON object is longer than ${LONGEST_OBJECT} characters`);
    }
    return objects;
  };
}
