// Reads properties of what a BMC sent: absent stays absent, and what is of the wrong type is reported, never thrown.
import { pathOf } from './http/address.ts';

/** Something that a service does otherwise than its schema has it, and that was got over. */
export interface Oddity {
  /** The resource. */
  readonly path: string;
  /** JSON pointer of the property, or what else it is about. */
  readonly property: string;
  readonly expected: string;
  /** What was there instead, shortened. */
  readonly found: string;
}

export type OddityListener = (oddity: Oddity) => void;

export type Json = Readonly<Record<string, unknown>>;

export const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function shortened(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= 80 ? text : `${text.slice(0, 77)}...`;
}

const origin = 'http://bmc';

/** A JSON object of a resource. Absent and null are both undefined: Redfish has null for "not known now". */
export class Fields {
  readonly json: Json;
  /** The resource that it is in. */
  readonly path: string;
  /** JSON pointer of the object in the resource; empty for the resource itself. */
  readonly pointer: string;
  protected readonly onOddity: OddityListener;

  constructor(json: Json, path: string, pointer: string, onOddity: OddityListener) {
    this.json = json;
    this.path = path;
    this.pointer = pointer;
    this.onOddity = onOddity;
  }

  /** The value as it came; undefined for null. */
  value(name: string): unknown {
    return this.json[name] ?? undefined;
  }

  /** Whether the property is there, even if null. */
  has(name: string): boolean {
    return name in this.json;
  }

  string(name: string): string | undefined {
    const value = this.value(name);
    if (value === undefined || typeof value === 'string') return value;
    if (typeof value !== 'number' && typeof value !== 'boolean') return this.#odd(name, 'a string', value);
    this.#odd(name, 'a string', value);
    return String(value);
  }

  /** A string that says something: not empty, without white space around it. */
  text(name: string): string | undefined {
    return this.string(name)?.trim() || undefined;
  }

  number(name: string): number | undefined {
    const value = this.value(name);
    if (value === undefined || typeof value === 'number') return value;
    this.#odd(name, 'a number', value);
    return typeof value === 'string' && /^\s*-?\d+(\.\d+)?\s*$/.test(value) ? Number(value) : undefined;
  }

  boolean(name: string): boolean | undefined {
    const value = this.value(name);
    if (value === undefined || typeof value === 'boolean') return value;
    this.#odd(name, 'true or false', value);
    const text = typeof value === 'string' ? value.trim().toLowerCase() : '';
    return text === 'true' ? true : text === 'false' ? false : undefined;
  }

  /** One of the values of an enumeration, whatever its case; others are reported, an empty string is not. */
  enumeration<T extends string>(name: string, values: readonly T[]): T | undefined {
    const value = this.value(name);
    if (value === undefined || value === '') return undefined;
    const exact = values.find((each) => each === value);
    if (exact !== undefined) return exact;
    this.#odd(name, `one of ${values.join(', ')}`, value);
    const text = typeof value === 'string' ? value.trim().toLowerCase() : '';
    return values.find((each) => each.toLowerCase() === text);
  }

  /** The path of the object's own `@odata.id`. */
  get ownPath(): string | undefined {
    const id = this.value('@odata.id');
    return typeof id === 'string' ? pathOf(id, origin) : undefined;
  }

  /** The path of a reference, `{"@odata.id": ...}`. */
  link(name: string): string | undefined {
    return this.#linkOf(name, this.value(name));
  }

  /** The paths of a list of references. */
  links(name: string): string[] {
    return this.#list(name)
      .map((each, index) => this.#linkOf(`${name}/${index}`, each))
      .filter((each) => each !== undefined);
  }

  object(name: string): Fields | undefined {
    const value = this.value(name);
    if (value === undefined) return undefined;
    return isJson(value) ? this.#inner(name, value) : this.#odd(name, 'an object', value);
  }

  /** The objects of a list; null entries, as empty slots have them, are left out. */
  objects(name: string): Fields[] {
    const found: Fields[] = [];
    for (const [index, each] of this.#list(name).entries()) {
      if (isJson(each)) found.push(this.#inner(`${name}/${index}`, each));
      else if (each !== null) this.#odd(`${name}/${index}`, 'an object', each);
    }
    return found;
  }

  /** The strings of a list. */
  strings(name: string): string[] {
    const found: string[] = [];
    for (const [index, each] of this.#list(name).entries()) {
      if (typeof each === 'string') found.push(each);
      else if (each !== null) this.#odd(`${name}/${index}`, 'a string', each);
    }
    return found;
  }

  /** What a BMC allows for a property: `<name>@Redfish.AllowableValues`; undefined when it does not say. */
  allowableValues(name: string): string[] | undefined {
    const annotation = `${name}@Redfish.AllowableValues`;
    return this.value(annotation) === undefined ? undefined : this.strings(annotation);
  }

  #inner(name: string, json: Json): Fields {
    return new Fields(json, this.path, `${this.pointer}/${name}`, this.onOddity);
  }

  #list(name: string): readonly unknown[] {
    const value = this.value(name);
    if (value === undefined) return [];
    if (Array.isArray(value)) return value;
    this.#odd(name, 'a list', value);
    // One entry without its list.
    return typeof value === 'object' ? [value] : [];
  }

  #linkOf(name: string, value: unknown): string | undefined {
    if (value === undefined || value === null) return undefined;
    const target = isJson(value) ? value['@odata.id'] : value;
    // An empty object stands for "nothing there" on many BMCs.
    if (target === undefined && isJson(value)) return undefined;
    const path = typeof target === 'string' ? pathOf(target, origin) : undefined;
    if (path === undefined || !isJson(value)) this.#odd(name, 'a reference', value);
    return path;
  }

  #odd(name: string, expected: string, value: unknown): undefined {
    this.onOddity({ path: this.path, property: `${this.pointer}/${name}`, expected, found: shortened(value) });
    return undefined;
  }
}
