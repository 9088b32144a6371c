// The BMC itself: reset, clock, network (schemas Manager, ManagerNetworkProtocol, EthernetInterface).
import { isIPv6 } from 'node:net';
import type { RedfishBmc } from '../bmc.ts';
import { type Check, checkProperties, isBoolean, isText, isTexts, isWhole } from '../http/checks.ts';
import type { Model } from '../models/model.ts';
import { perBmc } from '../per-bmc.ts';
import type { At, Body, Call, Route } from '../types.ts';
import { choiceAction } from './actions.ts';
import { dellActions, dellLinks, dellManager } from './dell.ts';
import { firmwareOf } from './firmware.ts';
import {
  chassisPath,
  collectionRoute,
  healthy,
  healthyWithRollup,
  link,
  links,
  managerPath,
  resource,
  root,
  systemPath,
  timeOf,
} from './shape.ts';
import { forgetStored, store, storedRoute, withStored } from './stored.ts';

/** Milliseconds by which the clock was set forward, and the offset of its zone. */
const clockOf = perBmc(() => ({ ahead: 0, offset: '+00:00' }));

const isTime: Check = (value) =>
  typeof value !== 'string' ? 'type' : Number.isNaN(Date.parse(value)) || !value.includes('T') ? 'format' : undefined;
const isOffset: Check = (value) =>
  typeof value !== 'string' ? 'type' : /^[+-]\d\d:\d\d$/.test(value) ? undefined : 'format';

function setClock(call: Call): void {
  const clock = clockOf(call.bmc);
  const { DateTime: time, DateTimeLocalOffset: offset } = call.body;
  if (time !== undefined) clock.ahead = Date.parse(String(time)) - Date.now();
  if (offset !== undefined) clock.offset = String(offset);
}

function managerBody({ bmc }: At, actions: Body): Body {
  const { model } = bmc;
  const path = managerPath(model);
  const clock = clockOf(bmc);
  const hasMedia = model.virtualMedia.drives.some(({ under }) => under === 'manager');
  return {
    ...resource(model, 'Manager', model.ids.manager, 'Manager'),
    ManagerType: 'BMC',
    Model: model.managerModel,
    FirmwareVersion: firmwareOf(bmc).versionOf('bmc') ?? model.firmwareVersion,
    UUID: bmc.uuid,
    PowerState: 'On',
    Status: healthyWithRollup,
    DateTime: timeOf(Date.now() + clock.ahead),
    DateTimeLocalOffset: clock.offset,
    ...dellManager(bmc),
    GraphicalConsole: { ServiceEnabled: true, MaxConcurrentSessions: 4, ConnectTypesSupported: ['KVMIP'] },
    SerialConsole: { ServiceEnabled: true, MaxConcurrentSessions: 1, ConnectTypesSupported: ['SSH', 'IPMI'] },
    CommandShell: { ServiceEnabled: true, MaxConcurrentSessions: 4, ConnectTypesSupported: ['SSH'] },
    EthernetInterfaces: link(`${path}/EthernetInterfaces`),
    NetworkProtocol: link(`${path}/NetworkProtocol`),
    ...(hasMedia ? { VirtualMedia: link(`${path}/VirtualMedia`) } : {}),
    Links: {
      ManagerForServers: links([systemPath(model)]),
      ManagerForChassis: links([chassisPath(model)]),
      ManagerInChassis: link(chassisPath(model)),
      ...dellLinks(model),
    },
    Actions: actions,
  };
}

const portBody = (isEnabled: boolean, port: number): Body => ({ ProtocolEnabled: isEnabled, Port: port });

/** OpenBMC has its KVM at a WebSocket and no port for it; what Dell has at this port is its own virtual console. */
function kvmOf({ model, kvmPort }: RedfishBmc): Body {
  if (model.name === 'idrac') return { KVMIP: portBody(true, 5900) };
  return kvmPort === undefined ? {} : { KVMIP: portBody(true, kvmPort) };
}

function networkProtocol({ bmc }: At): Body {
  const { model, settings } = bmc;
  const isHttps = settings.scheme === 'https';
  return {
    ...resource(model, 'ManagerNetworkProtocol', 'NetworkProtocol', 'Manager Network Protocol'),
    HostName: bmc.name,
    FQDN: `${bmc.name}.example.com`,
    Status: healthy,
    HTTP: portBody(!isHttps, isHttps ? 80 : bmc.port),
    HTTPS: {
      ...portBody(isHttps, isHttps ? bmc.port : 443),
      Certificates: link(`${managerPath(model)}/NetworkProtocol/HTTPS/Certificates`),
    },
    SSH: portBody(true, 22),
    IPMI: portBody(false, 623),
    SNMP: portBody(false, 161),
    NTP: { ProtocolEnabled: false, NTPServers: [] },
    ...kvmOf(bmc),
  };
}

const protocolFields = { ProtocolEnabled: isBoolean, Port: isWhole(1, 65_535) };

function nicBody({ bmc }: At, id: string): Body {
  const { model, address } = bmc;
  const [mac = null] = bmc.macs;
  const isV6 = isIPv6(address);
  return {
    ...resource(model, 'EthernetInterface', id, 'Manager Ethernet Interface'),
    InterfaceEnabled: true,
    LinkStatus: 'LinkUp',
    // The BMC's own: the first port's with another group of bytes.
    MACAddress: mac?.replace(/^52:54/, '52:5b') ?? null,
    PermanentMACAddress: mac?.replace(/^52:54/, '52:5b') ?? null,
    SpeedMbps: 1000,
    FullDuplex: true,
    AutoNeg: true,
    HostName: bmc.name,
    FQDN: `${bmc.name}.example.com`,
    DHCPv4: { DHCPEnabled: false },
    IPv4Addresses: isV6
      ? []
      : [{ Address: address, SubnetMask: '255.0.0.0', AddressOrigin: 'Static', Gateway: '0.0.0.0' }],
    IPv6Addresses: isV6
      ? [{ Address: address, PrefixLength: 64, AddressOrigin: 'Static', AddressState: 'Preferred' }]
      : [],
    NameServers: [],
    StaticNameServers: [],
    Status: healthy,
  };
}

function resetRoutes(model: Model) {
  const path = managerPath(model);
  const reset = choiceAction(model, {
    ...{ path, name: 'Manager.Reset', parameter: 'ResetType', infoId: 'ResetActionInfo', isRequired: false },
    types: model.managerResetTypes,
    typesIn: model.system.resetTypesIn,
    run: ({ bmc }) => {
      // The answer goes out before the service does.
      setImmediate(() => bmc.reset());
      return undefined;
    },
  });
  const defaults = choiceAction(model, {
    ...{ path, name: 'Manager.ResetToDefaults', parameter: 'ResetType', infoId: 'ResetToDefaultsActionInfo' },
    ...{ types: ['ResetAll', 'PreserveNetworkAndUsers'], isRequired: true, typesIn: 'action' as const },
    run: (call) => {
      forgetStored(call, path);
      setImmediate(() => call.bmc.reset());
      return undefined;
    },
  });
  return {
    body: { ...reset.body, ...defaults.body, ...dellActions(model) },
    routes: [...reset.routes, ...defaults.routes],
  };
}

export function managerRoutes(model: Model): readonly Route[] {
  const path = managerPath(model);
  const actions = resetRoutes(model);
  const read = (at: At) => withStored(at, managerBody(at, actions.body));
  const nics = `${path}/EthernetInterfaces`;
  return [
    collectionRoute(`${root}/Managers`, 'Manager', 'Manager Collection', [model.ids.manager]),
    {
      path,
      get: read,
      patch: (call) => {
        const writable = { DateTime: isTime, DateTimeLocalOffset: isOffset, ServiceIdentification: isText };
        checkProperties(call.body, writable, read(call));
        setClock(call);
        const { ServiceIdentification: identification } = call.body;
        if (identification !== undefined) store(call, { ServiceIdentification: identification });
        return undefined;
      },
    },
    ...actions.routes,
    storedRoute(
      `${path}/NetworkProtocol`,
      {
        ...{ HostName: isText, HTTP: protocolFields, HTTPS: protocolFields, SSH: protocolFields, IPMI: protocolFields },
        ...{ SNMP: protocolFields, KVMIP: protocolFields, NTP: { ProtocolEnabled: isBoolean, NTPServers: isTexts } },
      },
      networkProtocol,
    ),
    collectionRoute(nics, 'EthernetInterface', 'Ethernet Interfaces', model.managerNics),
    ...model.managerNics.map((id) =>
      storedRoute(`${nics}/${id}`, { HostName: isText, FQDN: isText, StaticNameServers: isTexts }, (at) =>
        nicBody(at, id),
      ),
    ),
  ];
}
