// Describes the API of one version as an OpenAPI 3.1 document, from the declarations of routes and resources themselves.
import { type PolicyRuleName, policyRules, type Resource, versionText } from '@wrought/contract';
import type { Route } from '../core/route.ts';
import { createSchema, errorSchema, membersSchema, patchSchema, type Schema, shownSchema } from './schema.ts';

/** Paths that only exist to answer what is wrong with them. */
function isDescribed({ path, policy }: Route): boolean {
  return !path.endsWith('/:word') && (policy !== 'anyone' || path === '/v1');
}

/** The rules of the policy that a route asks, the first one deciding what it is for. */
function rulesOf({ policy }: Route): readonly PolicyRuleName[] {
  if (policy === 'anyone') {
    return [];
  }
  if ('rule' in policy) {
    return [policy.rule];
  }
  if ('onObject' in policy) {
    return [policy.onObject];
  }
  return 'listAll' in policy ? [policy.listAll, policy.listOwn] : policy.byHandler;
}

function sentence(phrase: string): string {
  return `${phrase.charAt(0).toUpperCase()}${phrase.slice(1)}.`;
}

function schemaName({ name }: Resource): string {
  return name
    .split(/[\s_]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}

const json = (schema: Schema) => ({ content: { 'application/json': { schema } } });
const reference = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });

/** The document of the version 1.`minor`. */
export function openapiDocument(routes: readonly Route[], minor: number, base: string): Schema {
  const schemas: Record<string, Schema> = { Error: errorSchema };
  const use = (name: string, make: () => Schema): Schema => {
    schemas[name] ??= make();
    return reference(name);
  };
  const shown = (of: Resource) => use(schemaName(of), () => shownSchema(of, minor));

  function bodyOf({ takes, method }: Route): Schema | undefined {
    if (takes === undefined) {
      return method === 'GET' || method === 'DELETE' ? undefined : { type: ['object', 'array', 'null'] };
    }
    if ('create' in takes) {
      return use(`New${schemaName(takes.create)}`, () => createSchema(takes.create, minor));
    }
    if ('schema' in takes) {
      return takes.schema(minor);
    }
    return 'patch' in takes
      ? use(`${schemaName(takes.patch)}Patch`, () => patchSchema(takes.patch, minor))
      : membersSchema(takes.members);
  }

  function successOf({ gives, takes, method }: Route): Schema {
    if (gives === undefined) {
      return method === 'DELETE'
        ? { '2XX': { description: 'Done, or begun (202).' } }
        : { '2XX': { description: 'Done, or begun (202).', ...json({}) } };
    }
    if ('webSocket' in gives) {
      return { '101': { description: gives.webSocket } };
    }
    if ('list' in gives) {
      const { list } = gives;
      const schema = {
        type: 'object',
        properties: {
          [list.collection]: { type: 'array', items: shown(list) },
          next: { type: 'string', format: 'uri', description: 'Where the next page is.' },
        },
      };
      return { '200': { description: `A page of ${list.name} objects.`, ...json(schema) } };
    }
    const isCreated = takes !== undefined && 'create' in takes;
    return { [isCreated ? '201' : '200']: { description: `The ${gives.one.name}.`, ...json(shown(gives.one)) } };
  }

  function operationOf(route: Route): Schema {
    const { method, path, query, since = 1 } = route;
    const rules = rulesOf(route);
    const [main] = rules;
    const body = bodyOf(route);
    const names = [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => name);
    return {
      operationId: `${method.toLowerCase()}${path.replace(/[^A-Za-z0-9]+(.?)/g, (_, next: string) => next.toUpperCase())}`,
      summary: main === undefined ? 'What this version of the API offers.' : sentence(policyRules[main].purpose),
      tags: [path.split('/')[path.startsWith('/wrought') ? 1 : 2] ?? 'v1'],
      'x-since': versionText(since),
      ...(rules.length === 0 ? {} : { 'x-policy': rules }),
      parameters: [
        ...names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
        ...(query ?? []).map((name) => ({ name, in: 'query', schema: { type: 'string' } })),
        { $ref: '#/components/parameters/version' },
      ],
      ...(body === undefined ? {} : { requestBody: json(body) }),
      responses: {
        ...successOf(route),
        '4XX': { description: 'Refused: the error says why.', ...json(reference('Error')) },
        '5XX': { description: 'The server could not do it.', ...json(reference('Error')) },
      },
    };
  }

  const described = routes.filter((route) => (route.since ?? 1) <= minor && isDescribed(route));
  const paths: Record<string, Record<string, Schema>> = {};
  for (const route of described) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Bare Metal API',
      summary: 'Provisions and manages physical machines.',
      version: versionText(minor),
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: base }],
    paths,
    components: {
      schemas,
      parameters: {
        version: {
          name: 'X-OpenStack-Ironic-API-Version',
          in: 'header',
          description: 'The version that the client speaks; the oldest one without it.',
          schema: { type: 'string', default: versionText(minor) },
        },
      },
      securitySchemes: {
        basic: { type: 'http', scheme: 'basic' },
        token: { type: 'apiKey', in: 'header', name: 'X-Auth-Token' },
      },
    },
    security: [{}, { basic: [] }, { token: [] }],
  };
}
