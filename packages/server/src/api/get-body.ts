// The body of a GET: the framework leaves it, and clients of vendor methods send their arguments in it.
import type { IncomingMessage } from 'node:http';
import { registeredError } from '@wrought/contract';

/** Reads it whole; empty when there is none. @throws BodyTooLarge */
export async function readGetBody(message: IncomingMessage, limitKib: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of message) {
    parts.push(part as Buffer);
    length += (part as Buffer).length;
    if (length > limitKib * 1024) {
      throw registeredError('BodyTooLarge', { limit_kib: limitKib, option: 'max_json_body_size' });
    }
  }
  return Buffer.concat(parts);
}
