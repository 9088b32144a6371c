// Firmware images: fetched from where a client says, and what a simulated service reads out of one.
import { createHash } from 'node:crypto';
import { get as getHttp } from 'node:http';
import { get as getHttps } from 'node:https';
import { asObject } from '../http/checks.ts';
import type { FirmwareItem, Model } from '../models/model.ts';
import type { FirmwareImage } from './firmware.ts';

const timeoutMilliseconds = 10_000;
/** Enough to read what an image says of itself; the rest is only counted. */
const keptBytes = 64 * 1024;

/**
 * Fetches an image over HTTP or HTTPS, whatever certificate the server shows, as BMCs do.
 * Throws an Error that says why it can not be had.
 */
export function fetchImage(url: string, user?: { readonly name: string; readonly password: string }): Promise<Buffer> {
  const auth = user === undefined ? {} : { auth: `${user.name}:${user.password}` };
  return new Promise((resolve, reject) => {
    const options = { ...auth, timeout: timeoutMilliseconds, agent: false };
    const request = url.startsWith('https:')
      ? getHttps(url, { ...options, rejectUnauthorized: false })
      : getHttp(url, options);
    request.on('timeout', () => request.destroy(new Error(`${url} does not answer`)));
    request.on('error', (error) => reject(new Error(`${url}: ${error.message}`)));
    request.on('response', (response) => {
      if (response.statusCode !== 200) {
        response.resume();
        reject(new Error(`${url} answers ${response.statusCode}`));
        return;
      }
      const chunks: Buffer[] = [];
      let kept = 0;
      response.on('data', (chunk: Buffer) => {
        if (kept < keptBytes) chunks.push(chunk.subarray(0, keptBytes - kept));
        kept += chunk.length;
      });
      response.on('end', () => resolve(Buffer.concat(chunks)));
      response.on('error', (error) => reject(new Error(`${url}: ${error.message}`)));
    });
  });
}

const partsByWord: readonly (readonly [RegExp, FirmwareItem['part']])[] = [
  [/bios|uefi|rom/i, 'bios'],
  [/bmc|idrac|ilo|xcc/i, 'bmc'],
  [/nic|network|ethernet/i, 'nic'],
];

/** What an image says of itself: a JSON object with `Version` and perhaps `Part`, or else what its name says. */
function describe(bytes: Buffer, name: string): { readonly version: string; readonly part: string | undefined } {
  const byName = partsByWord.find(([word]) => word.test(name))?.[1];
  try {
    const object = asObject(JSON.parse(bytes.toString()));
    if (typeof object?.Version === 'string') {
      return { version: object.Version, part: typeof object.Part === 'string' ? object.Part : byName };
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  const version = /\d+(?:\.\d+)+/.exec(name)?.[0];
  return { version: version ?? createHash('sha256').update(bytes).digest('hex').slice(0, 8), part: byName };
}

/** What an image is for. Without targets it is for what it names itself, or else for the first that can be updated. */
export function readImage(model: Model, bytes: Buffer, name: string, targets: readonly string[]): FirmwareImage {
  const { version, part } = describe(bytes, name);
  if (targets.length > 0) return { version, targets };
  const { firmware } = model.update;
  const item =
    firmware.find((each) => each.part === part && each.updateable) ?? firmware.find((each) => each.updateable);
  return { version, targets: item === undefined ? [] : [item.id] };
}
