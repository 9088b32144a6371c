// Bodies of answers and requests: bounded, decompressed, JSON.
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { MalformedError, type RequestName } from '../errors.ts';

/** A body that is made anew for each attempt, of a known length: BMCs often take no chunked bodies. */
export interface StreamBody {
  readonly contentType: string;
  readonly bytes: number;
  readonly open: () => AsyncIterable<Uint8Array>;
}

const decoders: Readonly<
  Record<string, (data: Buffer, options: { readonly maxOutputLength: number }) => Promise<Buffer>>
> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
};

/**
 * Reads a body to its end. Some BMCs compress without being asked.
 *
 * @throws MalformedError for one that is too large, or compressed in a way that is unknown or broken.
 */
export async function readBody(
  request: RequestName,
  source: AsyncIterable<Uint8Array>,
  encoding: string | undefined,
  maximumBytes: number,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of source) {
    length += chunk.byteLength;
    if (length > maximumBytes) {
      throw new MalformedError(request, 'the answer', `larger than ${maximumBytes} bytes`, 'raise maximumBodyBytes');
    }
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks, length);
  if (encoding === undefined || encoding === '' || encoding === 'identity' || length === 0) return body;
  const decode = decoders[encoding.toLowerCase()];
  if (decode === undefined) throw new MalformedError(request, 'Content-Encoding', JSON.stringify(encoding));
  try {
    return await decode(body, { maxOutputLength: maximumBytes });
  } catch (error) {
    throw new MalformedError(request, 'the answer', `broken ${encoding} (${(error as Error).message})`);
  }
}

/** The JSON in a body; undefined when there is none, or it is none. */
export function parseJson(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  try {
    // Some services begin with a byte order mark, which JSON does not have.
    return JSON.parse(body.toString('utf8').replace(/^\uFEFF/, ''));
  } catch {
    return undefined;
  }
}

/** The start of a body that is no JSON, as one line without tags; undefined when nothing readable is left. */
export function excerptOf(body: Buffer): string | undefined {
  const text = body
    .subarray(0, 2000)
    .toString('utf8')
    .replace(/<(style|script)[\s\S]*?<\/\1>/gi, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/[^\x20-\x7e\u00a0-\uffff]+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return text === '' ? undefined : text.slice(0, 200);
}
