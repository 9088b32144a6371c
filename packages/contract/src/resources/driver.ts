// The fields of a hardware type as `/v1/drivers` shows them.
import { type Field, field, resource } from '../field.ts';
import { interfaceKindNames, interfaceKinds } from '../interfaces.ts';
import { links, serverList, serverText, subLinks } from './value.ts';

const interfaceFields: Record<string, Field> = Object.fromEntries(
  interfaceKindNames.flatMap((kind) => {
    const since = interfaceKinds[kind].driverSince;
    return [
      [`default_${kind}_interface`, field(serverText, { since })],
      [`enabled_${kind}_interfaces`, field(serverList, { since })],
    ];
  }),
);

export const driverResource = resource({
  name: 'driver',
  collection: 'drivers',
  fields: {
    name: field(serverText, { since: 1, shown: 'list' }),
    hosts: field(serverList, { since: 1, shown: 'list' }),
    links: field(links, { since: 1, shown: 'list' }),
    properties: field(subLinks, { since: 14, shown: 'list' }),
    type: field(serverText, { since: 30, shown: 'list' }),
    ...interfaceFields,
  },
  filters: { type: { since: 30 }, detail: { since: 30 }, fields: { since: 77 } },
});
