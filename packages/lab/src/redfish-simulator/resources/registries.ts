// Registries of messages and of BIOS attributes, and where they are (schemas MessageRegistryFile, MessageRegistry).
import {
  baseMessages,
  type RegistryMessage,
  resourceMessages,
  taskMessages,
  updateMessages,
} from '../http/messages.ts';
import type { Model } from '../models/model.ts';
import type { Body, Route } from '../types.ts';
import { attributeRegistry, registryId } from './bios.ts';
import { collectionRoute, resource, root, typeOf } from './shape.ts';

interface Registry {
  /** As it is called in links. */
  readonly id: string;
  /** With its version. */
  readonly registry: string;
  readonly body: (model: Model) => Body;
}

const parameterTypes = (count: number) =>
  count === 0 ? {} : { ParamTypes: Array.from({ length: count }, () => 'string') };

const messagesBody = (
  model: Model,
  prefix: string,
  version: string,
  messages: Readonly<Record<string, RegistryMessage>>,
): Body => ({
  ...typeOf(model, 'MessageRegistry'),
  Id: `${prefix}.${version}`,
  Name: `${prefix} Messages`,
  Language: 'en',
  RegistryPrefix: prefix,
  RegistryVersion: version,
  OwningEntity: 'Wrought',
  Messages: Object.fromEntries(
    Object.entries(messages).map(([key, { text, arguments: count, severity, resolution }]) => [
      key,
      {
        Description: text,
        Message: text,
        Severity: severity,
        MessageSeverity: severity,
        NumberOfArgs: count,
        ...parameterTypes(count),
        Resolution: resolution,
      },
    ]),
  ),
});

function registriesOf(model: Model): readonly Registry[] {
  const version = /\.v?(\d+)[._](\d+)/.exec(model.base);
  const base = `${version?.[1] ?? 1}.${version?.[2] ?? 0}.0`;
  const ofMessages = (
    prefix: string,
    number: string,
    messages: Readonly<Record<string, RegistryMessage>>,
  ): Registry => ({
    id: prefix,
    registry: `${prefix}.${number.split('.').slice(0, 2).join('.')}`,
    body: () => messagesBody(model, prefix, number, messages),
  });
  return [
    ofMessages('Base', base, baseMessages),
    ofMessages('TaskEvent', '1.0.0', taskMessages),
    ofMessages('ResourceEvent', '1.2.0', resourceMessages),
    ofMessages('Update', '1.0.0', updateMessages),
    { id: registryId(model), registry: model.bios.registry, body: attributeRegistry },
  ];
}

export function registryRoutes(model: Model): readonly Route[] {
  const path = `${root}/Registries`;
  const registries = registriesOf(model);
  return [
    collectionRoute(
      path,
      'MessageRegistryFile',
      'Registry File Collection',
      registries.map(({ id }) => id),
    ),
    ...registries.flatMap(({ id, registry, body }): Route[] => {
      const uri = `${path}/${id}/${registry}.json`;
      return [
        {
          path: `${path}/${id}`,
          get: () => ({
            ...resource(model, 'MessageRegistryFile', id, `${id} Registry File`),
            Registry: registry,
            Languages: ['en'],
            Location: [{ Language: 'en', Uri: uri }],
          }),
        },
        { path: uri, get: () => body(model) },
      ];
    }),
  ];
}
