// The service root and what is above it (DSP0266, 6.3 and 8.3; schema ServiceRoot).
import type { Model } from '../models/model.ts';
import type { At, Body, Route } from '../types.ts';
import { link, resource, root } from './shape.ts';

/** What iLO tells of itself where others have Vendor. */
const iloMoniker = {
  Hpe: {
    '@odata.type': '#HpeiLOServiceExt.v2_4_0.HpeiLOServiceExt',
    Manager: [{ ManagerType: 'iLO 5' }],
    Moniker: { PRODGEN: 'iLO 5' },
  },
};

const oemOf: Partial<Record<Model['name'], (at: At) => Body>> = {
  ilo: () => iloMoniker,
  idrac: ({ bmc }) => ({
    Dell: {
      '@odata.type': '#DellServiceRoot.v1_0_0.DellServiceRoot',
      IsBranded: 0,
      ManagerMACAddress: bmc.macs[0],
      ServiceTag: bmc.serialNumber,
    },
  }),
  supermicro: () => ({ Supermicro: { DumpService: link(`${root}/Oem/Supermicro/DumpService`) } }),
};

function protocolFeatures({ features }: Model): Body {
  const { expandLevels, select, only, paging } = features;
  return {
    ProtocolFeaturesSupported: {
      ExcerptQuery: false,
      FilterQuery: false,
      OnlyMemberQuery: only,
      SelectQuery: select,
      ...(paging ? { TopSkipQuery: true } : {}),
      DeepOperations: { DeepPATCH: false, DeepPOST: false },
      ExpandQuery: {
        ExpandAll: expandLevels > 0,
        Levels: expandLevels > 0,
        Links: expandLevels > 0,
        NoLinks: expandLevels > 0,
        ...(expandLevels > 0 ? { MaxLevels: expandLevels } : {}),
      },
    },
  };
}

const services = ['AccountService', 'CertificateService', 'EventService', 'SessionService', 'UpdateService'];

function serviceRoot(at: At): Body {
  const { model, uuid } = at.bmc;
  const oem = oemOf[model.name]?.(at);
  return {
    ...resource(model, 'ServiceRoot', model.rootId, 'Root Service'),
    RedfishVersion: model.redfishVersion,
    UUID: uuid,
    ...(model.vendor === undefined ? {} : { Vendor: model.vendor }),
    ...(model.product === undefined ? {} : { Product: model.product }),
    ...protocolFeatures(model),
    ...Object.fromEntries(
      ['Systems', 'Managers', 'Chassis', 'Registries', ...services].map((name) => [name, link(`${root}/${name}`)]),
    ),
    Tasks: link(`${root}/TaskService`),
    Links: { Sessions: link(`${root}/SessionService/Sessions`) },
    ...(oem === undefined ? {} : { Oem: oem }),
  };
}

/** The OData service document (DSP0266, 8.3). */
const odata = (): Body => ({
  '@odata.context': `${root}/$metadata`,
  value: [
    { name: 'Service', kind: 'Singleton', url: `${root}/` },
    ...['Systems', 'Managers', 'Chassis', 'Registries', ...services].map((name) => ({
      name,
      kind: 'Singleton',
      url: `${root}/${name}`,
    })),
  ],
});

export const serviceRootRoutes = (): readonly Route[] => [
  { path: '/redfish', reply: () => ({ status: 200, body: { v1: `${root}/` } }) },
  { path: root, get: serviceRoot },
  { path: `${root}/odata`, reply: () => ({ status: 200, body: odata() }) },
];
