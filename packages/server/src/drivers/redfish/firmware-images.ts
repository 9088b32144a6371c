// What firmware is wanted: the arguments of the steps that update it, read and checked.
import { registeredError } from '@wrought/contract';
import { readFirmwareWishes, type StepArguments } from '../kit/index.ts';

/**
 * From where a BMC gets an image: "http", from the URL as it is given; "local", from this server, which fetches the image first.
 * A BMC that can not fetch is sent it in any case.
 */
export const firmwareSources = ['http', 'local'] as const;
export type FirmwareSource = (typeof firmwareSources)[number];

/** Digits of a checksum, in hexadecimal, by its algorithm. */
const digits = { sha1: 40, sha256: 64, sha512: 128 } as const;

export interface FirmwareChecksum {
  readonly algorithm: keyof typeof digits;
  /** Lower-case hexadecimal. */
  readonly value: string;
}

export interface FirmwareImage {
  /** "bios", "bmc" or "nic:ID"; null: whatever the image is for. */
  readonly component: string | null;
  readonly url: string;
  /** Seconds to wait after it; null: none. */
  readonly wait: number | null;
  /** null: not checked. */
  readonly checksum: FirmwareChecksum | null;
  /** null: as configured. */
  readonly source: FirmwareSource | null;
}

/** The images of the step `update`. @throws InvalidParameterValue */
export const readComponentImages = ({ settings }: StepArguments): readonly FirmwareImage[] =>
  readFirmwareWishes(settings).map((wish) => ({ ...wish, checksum: null, source: null }));

const keys = ['url', 'checksum', 'wait', 'source'];
const example = '[{"url": "https://192.0.2.1/bmc-2.0.bin", "checksum": "<SHA-256>", "wait": 60}]';

function wrong(what: string, value: unknown, allowed: string) {
  return registeredError('InvalidParameterValue', {
    reason: `${what} is ${JSON.stringify(value)}; allowed: ${allowed}.`,
  });
}

function readChecksum(at: string, value: unknown): FirmwareChecksum {
  const text = typeof value === 'string' ? value.trim().toLowerCase() : '';
  const algorithm = (Object.keys(digits) as (keyof typeof digits)[]).find((each) => digits[each] === text.length);
  if (algorithm === undefined || !/^[0-9a-f]+$/.test(text)) {
    throw wrong(`${at}.checksum`, value, 'the SHA-1, SHA-256 or SHA-512 of the image in hexadecimal');
  }
  return { algorithm, value: text };
}

function readImage(at: string, item: unknown): FirmwareImage {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) {
    throw wrong(at, item, `an object, such as in ${example}`);
  }
  const { url, checksum, wait = null, source = null } = item as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(item).find((key) => !keys.includes(key));
  if (unknown !== undefined) {
    throw wrong(`A key of ${at}`, unknown, keys.join(', '));
  }
  if (typeof url !== 'string' || !URL.canParse(url)) {
    throw wrong(`${at}.url`, url, `an URL, such as in ${example}`);
  }
  if (wait !== null && !(Number.isInteger(wait) && (wait as number) >= 1)) {
    throw wrong(`${at}.wait`, wait, 'whole seconds from 1 up');
  }
  if (source !== null && !(firmwareSources as readonly unknown[]).includes(source)) {
    throw wrong(`${at}.source`, source, firmwareSources.join(', '));
  }
  return {
    component: null,
    url,
    wait: wait as number | null,
    checksum: readChecksum(at, checksum),
    source: source as FirmwareSource | null,
  };
}

/** The images of the step `update_firmware`. @throws InvalidParameterValue */
export function readFirmwareImages({ firmware_images: images }: StepArguments): readonly FirmwareImage[] {
  if (!Array.isArray(images) || images.length === 0) {
    throw wrong('firmware_images', images, `a list such as ${example}`);
  }
  return images.map((item, index) => readImage(`firmware_images[${index}]`, item));
}

/** An image in messages. */
export function shownImage({ component, url }: FirmwareImage): string {
  const name = new URL(url).pathname.split('/').at(-1);
  return component === null ? `the firmware image ${name}` : `the firmware of "${component}" (${name})`;
}
