// Bodies of files: as they are, and as parts of a form (RFC 7578) of known length, read from disk while they are sent.
import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { StreamBody } from './body.ts';

/** A file on disk, or bytes. */
export type FileSource =
  | { readonly path: string; readonly name?: string }
  | { readonly bytes: Uint8Array; readonly name: string };

const nameOf = (source: FileSource): string => source.name ?? ('path' in source ? basename(source.path) : 'file');

/** The content of a file as a body. */
export async function fileBody(source: FileSource): Promise<StreamBody> {
  const contentType = 'application/octet-stream';
  if ('bytes' in source) {
    const { bytes } = source;
    return {
      contentType,
      bytes: bytes.byteLength,
      open: async function* () {
        yield bytes;
      },
    };
  }
  const { size } = await stat(source.path);
  return { contentType, bytes: size, open: () => createReadStream(source.path, { highWaterMark: 256 * 1024 }) };
}

/** Names go between quotation marks. */
const quoted = (text: string) => text.replace(/[\r\n]/g, ' ').replaceAll('"', '%22');

/**
 * A form of JSON parts and one file.
 *
 * @param parts JSON values by name, in order, before the file.
 */
export async function formBody(
  parts: Readonly<Record<string, object>>,
  fileName: string,
  source: FileSource,
): Promise<StreamBody> {
  const boundary = `----${randomUUID()}`;
  const file = await fileBody(source);
  const json = Object.entries(parts).map(
    ([name, value]) =>
      `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(name)}"\r\nContent-Type: application/json\r\n\r\n${JSON.stringify(value)}\r\n`,
  );
  const before = Buffer.from(
    `${json.join('')}--${boundary}\r\nContent-Disposition: form-data; name="${quoted(fileName)}"; filename="${quoted(nameOf(source))}"\r\nContent-Type: ${file.contentType}\r\n\r\n`,
  );
  const after = Buffer.from(`\r\n--${boundary}--\r\n`);
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    bytes: before.length + file.bytes + after.length,
    open: async function* () {
      yield before;
      yield* file.open();
      yield after;
    },
  };
}
