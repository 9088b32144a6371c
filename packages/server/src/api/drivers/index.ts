// The routes of hardware types.
import { driverResource, interfaceKindNames, logicalDiskProperties, registeredError } from '@wrought/contract';
import type { DriverSummary } from '../../flows/doors.ts';
import { FrameworkError } from '../core/error-body.ts';
import { allVisible, defaultVisible, selectedFields, tooNew } from '../core/fields.ts';
import { listJson } from '../core/list-body.ts';
import { booleanArgument, wordArgument } from '../core/query.ts';
import { type Answer, type ApiRequest, ok, okJson, type Route } from '../core/route.ts';
import { type Row, serializer } from '../core/serialize.ts';
import { passthruRoutes } from '../core/vendor-passthru.ts';
import type { Services } from '../services.ts';

const { collection, filters } = driverResource;
const { fields: fieldsArgument } = filters as { fields: { since: number } };
const writer = serializer(driverResource, { identity: 'name' });

/** A hardware type in the form of a row: lists are JSON text. */
function rowOf(driver: DriverSummary): Row {
  const interfaces = interfaceKindNames.flatMap((kind) => [
    [`default_${kind}_interface`, driver.defaultInterfaces[kind]],
    [`enabled_${kind}_interfaces`, JSON.stringify(driver.enabledInterfaces[kind])],
  ]);
  return {
    name: driver.name,
    hosts: JSON.stringify(driver.hosts),
    type: driver.type,
    ...Object.fromEntries(interfaces),
  };
}

export function driverRoutes({ doors }: Services): readonly Route[] {
  const { call } = doors;
  const find = (name: string): DriverSummary => {
    const drivers = call.drivers();
    const found = drivers.find((driver) => driver.name === name);
    if (found === undefined) {
      throw registeredError('DriverNotFound', { driver: name, valid: drivers.map((driver) => driver.name).join(', ') });
    }
    return found;
  };
  return [
    {
      method: 'GET',
      path: '/v1/drivers',
      gives: { list: driverResource },
      policy: { rule: 'baremetal:driver:get' },
      query: Object.keys(filters),
      handle: (request) => list(request, call.drivers()),
    },
    {
      method: 'GET',
      path: '/v1/drivers/:driver',
      gives: { one: driverResource },
      policy: { rule: 'baremetal:driver:get' },
      query: ['fields'],
      handle: ({ params, minor, query, base }) => {
        const driver = find(params.driver ?? '');
        const fields =
          selectedFields(driverResource, minor, query, fieldsArgument.since) ?? allVisible(driverResource, minor);
        return ok(writer(minor, fields)(rowOf(driver), { base, collection }));
      },
    },
    {
      method: 'GET',
      path: '/v1/drivers/:driver/properties',
      policy: { rule: 'baremetal:driver:get_properties' },
      handle: ({ params }) => okJson(call.driverProperties(find(params.driver ?? '').name)),
    },
    {
      method: 'GET',
      path: '/v1/drivers/properties',
      policy: { rule: 'baremetal:driver:get_properties' },
      query: ['driver_name'],
      handle: ({ query }) => {
        if (query.driver_name === undefined) {
          throw registeredError('MissingParameterValue', {
            reason: 'Name the driver in the argument "driver_name", or in the path: /v1/drivers/{driver}/properties.',
          });
        }
        return okJson(call.driverProperties(find(query.driver_name).name));
      },
    },
    ...passthruRoutes({
      owner: '/v1/drivers/:driver',
      policy: { rule: 'baremetal:driver:vendor_passthru' },
      methods: async ({ params }) => call.vendor.methodsOfDriver(find(params.driver ?? '').name),
      call: ({ params }, request) => call.vendor.callOfDriver(find(params.driver ?? '').name, request),
    }),
    {
      method: 'GET',
      path: '/v1/drivers/:driver/raid',
      policy: 'anyone',
      query: null,
      handle: () => {
        throw new FrameworkError(405, 'No method is allowed here.', { headers: { Allow: '' } });
      },
    },
    {
      method: 'GET',
      path: '/v1/drivers/:driver/raid/logical_disk_properties',
      policy: { rule: 'baremetal:driver:get_raid_logical_disk_properties' },
      since: 12,
      tooOld: 'fault 406',
      handle: ({ params }) => {
        find(params.driver ?? '');
        return okJson(logicalDiskProperties);
      },
    },
    {
      method: 'GET',
      path: '/v1/drivers/:driver/:word',
      policy: { rule: 'baremetal:driver:get' },
      query: null,
      handle: ({ params }) => {
        find(params.driver ?? '');
        throw registeredError('InvalidParameterValue', {
          reason: `A driver has no field or sub-resource "${params.word}".`,
        });
      },
    },
  ];
}

function list({ query, minor, base }: ApiRequest, drivers: readonly DriverSummary[]): Answer {
  for (const [name, { since }] of Object.entries(filters)) {
    if (query[name] !== undefined && since > minor) {
      throw tooNew(`The argument "${name}"`, since, minor);
    }
  }
  const type = wordArgument(query, 'type', ['classic', 'dynamic']);
  const detail = booleanArgument(query, 'detail') ?? false;
  const selected = selectedFields(driverResource, minor, query);
  if (detail && selected !== undefined) {
    throw registeredError('InvalidParameterValue', {
      reason: 'The arguments "detail" and "fields" can not be used together.',
    });
  }
  const fields = selected ?? (detail ? allVisible : defaultVisible)(driverResource, minor);
  const shown = drivers.filter((driver) => type === undefined || driver.type === type);
  const write = writer(minor, fields);
  return ok(
    listJson(
      collection,
      shown.map((driver) => write(rowOf(driver), { base, collection })),
      undefined,
    ),
  );
}
