// JSON schemas of fields, resources and bodies as clients of one version see them.
import { detailFields, type Field, type Resource, type ValueType } from '@wrought/contract';
import type { Arguments } from '../core/body-arguments.ts';

export type Schema = Readonly<Record<string, unknown>>;

const link: Schema = {
  type: 'object',
  properties: { href: { type: 'string', format: 'uri' }, rel: { type: 'string' } },
};

const kinds: Readonly<Record<ValueType['kind'], Schema>> = {
  text: { type: 'string' },
  integer: { type: 'integer' },
  flag: { type: 'boolean' },
  time: { type: 'string', format: 'date-time' },
  object: { type: 'object' },
  list: { type: 'array', items: {} },
  links: { type: 'array', items: link },
  subLinks: { type: 'array', items: link },
  nestedSubLinks: { type: 'array', items: { type: 'array', items: link } },
  computed: {},
};

/** The schema of a value; `isSent` adds what is allowed in requests. */
function valueSchema(type: ValueType, isSent: boolean): Schema {
  const base: Record<string, unknown> = { ...kinds[type.kind], ...(isSent ? type.schema : {}) };
  if (isSent) {
    base.description = type.allowed;
  }
  if (type.nullable && typeof base.type === 'string') {
    base.type = [base.type, 'null'];
    if (Array.isArray(base.enum)) {
      base.enum = [...base.enum, null];
    }
  }
  return base;
}

/** The object that answers show to clients of this version. */
export function shownSchema(of: Resource, minor: number): Schema {
  const properties = detailFields(of, minor).map((name) => {
    const { type, since } = of.fields[name] as Field;
    return [name, { ...valueSchema(type, false), 'x-since': `1.${since}` }];
  });
  return { type: 'object', properties: Object.fromEntries(properties) };
}

/** The body of a request that creates an object. */
export function createSchema(of: Resource, minor: number): Schema {
  const fields = Object.entries(of.fields).filter(([, { create, since }]) => create && since <= minor);
  return objectSchema(
    fields.map(([name, { type, since }]) => [name, { ...valueSchema(type, true), 'x-since': `1.${since}` }]),
    fields.filter(([, { required }]) => required).map(([name]) => name),
  );
}

/** The body of a request that has members of its own. */
export function membersSchema(members: Arguments): Schema {
  const entries = Object.entries(members);
  return objectSchema(
    entries.map(([name, { type }]) => [name, valueSchema(type, true)]),
    entries.filter(([, { required }]) => required === true).map(([name]) => name),
  );
}

function objectSchema(properties: readonly (readonly [string, Schema])[], required: readonly string[]): Schema {
  return {
    type: 'object',
    properties: Object.fromEntries(properties),
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
  };
}

/** A JSON patch of a resource: its operations, and the roots of paths that clients of this version may write. */
export function patchSchema(of: Resource, minor: number): Schema {
  const roots = Object.entries(of.fields)
    .filter(([, { patch, since }]) => patch && since <= minor)
    .map(([name]) => name);
  return {
    type: 'array',
    items: {
      type: 'object',
      properties: {
        op: { enum: ['add', 'replace', 'remove'] },
        path: { type: 'string', pattern: `^/(${roots.join('|')})(/.*)?$` },
        value: {},
      },
      required: ['op', 'path'],
      additionalProperties: false,
    },
  };
}

/** What every error looks like: JSON text inside JSON, as clients of this API read it. */
export const errorSchema: Schema = {
  type: 'object',
  properties: {
    error_message: {
      type: 'string',
      description:
        'JSON text of an object: faultstring says what failed and what to do, faultcode is Client or Server.',
    },
  },
};
