// One resource of a service, as it was read.
import { type RequestName, UnsupportedError } from './errors.ts';
import { Fields, type Json, type OddityListener } from './fields.ts';

/** A resource: its properties, where it is, and its ETag. Reading again makes a new one. */
export class Resource extends Fields {
  /** From the header or `@odata.etag`; weak ones begin with `W/`. */
  readonly etag: string | undefined;
  /** The service it is from: scheme, host and port. */
  readonly origin: string;

  constructor(json: Json, path: string, origin: string, etag: string | undefined, onOddity: OddityListener) {
    super(json, path, '', onOddity);
    this.origin = origin;
    this.etag = etag ?? (typeof json['@odata.etag'] === 'string' ? json['@odata.etag'] || undefined : undefined);
  }

  /** `Id`, or else the last part of the path. */
  get id(): string {
    return this.text('Id') ?? this.path.replace(/\/+$/, '').split('/').at(-1) ?? this.path;
  }

  /** The schema without namespace version: `ComputerSystem` of `#ComputerSystem.v1_20_0.ComputerSystem`. */
  get schema(): string | undefined {
    return this.text('@odata.type')?.replace(/^#/, '').split('.')[0];
  }

  /** The resource as errors name it. */
  named(method = 'GET'): RequestName {
    return { method, url: this.origin + this.path };
  }

  /**
   * The path of a reference that the caller cannot do without.
   *
   * @throws UnsupportedError when it is absent.
   */
  mustLink(name: string): string {
    const link = this.link(name);
    if (link !== undefined) return link;
    throw new UnsupportedError(this.named(), `the BMC offers no ${name} here`);
  }

  /** What a manufacturer adds under `Oem`; names differ in case between firmware. */
  oem(manufacturer: string): Fields | undefined {
    const oem = this.object('Oem');
    const key = Object.keys(oem?.json ?? {}).find((name) => name.toLowerCase() === manufacturer.toLowerCase());
    return key === undefined ? undefined : oem?.object(key);
  }

  /** Reports something about the resource as a whole. */
  report(property: string, expected: string, found: string): void {
    this.onOddity({ path: this.path, property, expected, found });
  }
}
