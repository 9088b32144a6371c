// The body of a request: read to its end within a bound, and parsed where it is JSON.
import type { IncomingMessage } from 'node:http';
import type { Body } from '../types.ts';
import { asObject } from './checks.ts';
import { problem } from './problem.ts';

const mostBytes = 64 * 1024 * 1024;

/** All bytes of a body. @throws Problem 413 */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += (chunk as Buffer).length;
    if (length > mostBytes) throw problem(413, 'UnrecognizedRequestBody');
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

/** The JSON object of a body; an empty one is an empty object. @throws Problem 400 */
export function parseJson(raw: Buffer): Body {
  if (raw.length === 0) return {};
  try {
    const body = asObject(JSON.parse(raw.toString()));
    if (body !== undefined) return body;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw problem(400, 'MalformedJSON');
}
