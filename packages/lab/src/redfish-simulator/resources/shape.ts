// Pieces that resources are made of: type names, links, collections, actions, states.
import { commonSchemas } from '../models/common.ts';
import type { Model } from '../models/model.ts';
import type { Body, Route } from '../types.ts';

export const root = '/redfish/v1';

/** Paths that all of a model's resources hang on. */
export const systemPath = ({ ids }: Model) => `${root}/Systems/${ids.system}`;
export const managerPath = ({ ids }: Model) => `${root}/Managers/${ids.manager}`;
export const chassisPath = ({ ids }: Model) => `${root}/Chassis/${ids.chassis}`;

/** `@odata.type` of a resource, in the version of the model. */
export function typeOf(model: Model, schema: string): Body {
  const version = model.schemas[schema] ?? commonSchemas[schema];
  if (version === undefined) throw new Error(`the schema ${schema} has no version`);
  return { '@odata.type': `#${schema}.${version}.${schema}` };
}

/** The first properties of a resource. */
export const resource = (model: Model, schema: string, id: string, name: string): Body => ({
  ...typeOf(model, schema),
  Id: id,
  Name: name,
});

export const link = (path: string): Body => ({ '@odata.id': path });
export const links = (paths: readonly string[]): Body[] => paths.map(link);

export const collection = (schema: string, name: string, paths: readonly string[]): Body => ({
  '@odata.type': `#${schema}Collection.${schema}Collection`,
  Name: name,
  'Members@odata.count': paths.length,
  Members: links(paths),
});

/** The route of a collection whose members are always the same. */
export const collectionRoute = (path: string, schema: string, name: string, ids: readonly string[]): Route => ({
  path,
  get: () =>
    collection(
      schema,
      name,
      ids.map((id) => `${path}/${id}`),
    ),
});

export const healthy = { State: 'Enabled', Health: 'OK' } as const;
export const healthyWithRollup = { ...healthy, HealthRollup: 'OK' } as const;

/** An action as its resource shows it, with what its parameters may be. */
export function action(path: string, name: string, allowed: Readonly<Record<string, readonly string[]>> = {}): Body {
  return {
    [`#${name}`]: {
      target: `${path}/Actions/${name}`,
      ...Object.fromEntries(
        Object.entries(allowed).map(([parameter, values]) => [`${parameter}@Redfish.AllowableValues`, values]),
      ),
    },
  };
}

/** Time as Redfish writes it. */
export const timeOf = (milliseconds = Date.now()): string =>
  new Date(milliseconds).toISOString().replace(/\.\d+Z$/, '+00:00');
