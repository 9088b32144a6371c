// Firmware: inventory and updates, pulled and pushed, at once or at the next boot (schemas UpdateService, SoftwareInventory).
import type { RedfishBmc } from '../bmc.ts';
import { checkParameters, isOneOf, isText, isTexts, isUri } from '../http/checks.ts';
import { parseMultipart } from '../http/multipart.ts';
import { problem } from '../http/problem.ts';
import { parseJson } from '../http/read-body.ts';
import type { FirmwareItem, Model } from '../models/model.ts';
import type { Answer, At, Body, Call, Route } from '../types.ts';
import { firmwareOf } from './firmware.ts';
import { fetchImage, readImage } from './image.ts';
import { collectionRoute, healthyWithRollup, link, managerPath, resource, root, systemPath } from './shape.ts';
import { startTask, transferFailed } from './tasks.ts';

const service = `${root}/UpdateService`;
const inventory = `${service}/FirmwareInventory`;
const simpleUpdate = 'UpdateService.SimpleUpdate';

/** Ids that targets name. @throws Problem 400 when one can not be updated */
function targetsOf(model: Model, targets: unknown): readonly string[] {
  return ((targets ?? []) as string[]).flatMap((target) => {
    // Whole systems and managers stand for what an image is for.
    if ([systemPath(model), managerPath(model)].includes(target)) return [];
    const id = target.startsWith(`${inventory}/`) ? target.slice(inventory.length + 1) : undefined;
    const item = model.update.firmware.find((each) => each.id === id);
    if (item === undefined || !item.updateable) {
      throw problem(400, 'ActionParameterValueNotInList', target, 'Targets', simpleUpdate);
    }
    return [item.id];
  });
}

function applyTimeOf(model: Model, given: unknown): string {
  const { applyTimes } = model.update;
  if (given === undefined) return applyTimes[0] ?? 'Immediate';
  if (!applyTimes.includes(String(given))) {
    throw problem(400, 'PropertyValueNotInList', String(given), '@Redfish.OperationApplyTime');
  }
  return String(given);
}

interface Update {
  readonly name: string;
  readonly targets: readonly string[];
  readonly applyTime: string;
  readonly bytes: () => Promise<Buffer>;
}

/** Begins an update as a task. */
function update(bmc: RedfishBmc, { name, targets, applyTime, bytes }: Update): Answer {
  const waitsForBoot = applyTime === 'OnReset';
  return startTask(bmc, {
    name: 'Firmware update',
    waitsForBoot,
    isUpdate: true,
    effect: async () => {
      const image = readImage(bmc.model, await bytes(), name, targets);
      const { needsReset } = firmwareOf(bmc).write(image, waitsForBoot);
      // The task ends before the service does.
      if (needsReset) setImmediate(() => bmc.reset());
    },
  });
}

function pull({ bmc, body }: Call): Answer {
  const { model } = bmc;
  const parameters = {
    ...{
      ImageURI: isText,
      TransferProtocol: isOneOf(model.update.protocols),
      Targets: isTexts,
      Username: isText,
      Password: isText,
    },
  };
  checkParameters(simpleUpdate, body, parameters, ['ImageURI']);
  const image = String(body.ImageURI);
  const protocol = typeof body.TransferProtocol === 'string' ? body.TransferProtocol.toLowerCase() : 'http';
  const url = isUri(image) === undefined ? image : `${protocol}://${image}`;
  if (!/^https?:\/\//i.test(url))
    throw problem(400, 'ActionParameterValueFormatError', image, 'ImageURI', simpleUpdate);
  const user =
    typeof body.Username === 'string' ? { name: body.Username, password: String(body.Password ?? '') } : undefined;
  return update(bmc, {
    name: url.split('/').at(-1) ?? '',
    targets: targetsOf(model, body.Targets),
    applyTime: applyTimeOf(model, body['@Redfish.OperationApplyTime']),
    bytes: () =>
      fetchImage(url, user).catch((error: Error) => {
        throw transferFailed(url, model.ids.manager, error.message);
      }),
  });
}

/** An image in a form with its parameters (DSP0266, 7.16: multipart HTTP push). */
function pushForm(call: Call): Answer {
  const { bmc, raw, contentType } = call;
  const parts = parseMultipart(contentType, raw);
  const file = parts?.find(({ name, fileName }) => name === 'UpdateFile' || fileName !== undefined);
  if (parts === undefined || file === undefined) throw problem(400, 'UnrecognizedRequestBody');
  const parameters = parts.find(({ name }) => name === 'UpdateParameters');
  const body = parameters === undefined ? {} : parseJson(parameters.bytes);
  checkParameters('UpdateParameters', body, { Targets: isTexts, ForceUpdate: () => undefined, Oem: () => undefined });
  return update(bmc, {
    name: file.fileName ?? '',
    targets: targetsOf(bmc.model, body.Targets),
    applyTime: applyTimeOf(bmc.model, body['@Redfish.OperationApplyTime']),
    bytes: async () => file.bytes,
  });
}

/** An image as the body of the request, as older services have it; a form where one comes. */
function push(call: Call): Answer {
  if (call.contentType.startsWith('multipart/')) return pushForm(call);
  if (call.raw.length === 0) throw problem(400, 'UnrecognizedRequestBody');
  const { bmc, raw } = call;
  return update(bmc, { name: '', targets: [], applyTime: applyTimeOf(bmc.model, undefined), bytes: async () => raw });
}

function itemBody({ bmc }: At, item: FirmwareItem): Body {
  const related = {
    bios: `${root}/${bmc.model.bios.path}${bmc.model.bios.slashed ? '/' : ''}`,
    bmc: managerPath(bmc.model),
    nic: undefined,
    storage: undefined,
    other: undefined,
  };
  const path = related[item.part];
  return {
    ...resource(bmc.model, 'SoftwareInventory', item.id, item.name),
    Version: firmwareOf(bmc).version(item),
    SoftwareId: item.softwareId,
    Manufacturer: bmc.model.manufacturer,
    Updateable: item.updateable,
    ReleaseDate: '2022-10-01T00:00:00Z',
    Status: healthyWithRollup,
    ...(path === undefined ? {} : { RelatedItem: [link(path)] }),
  };
}

function serviceBody(model: Model): Body {
  const { simple, protocols, multipartUri, pushUri, applyTimes } = model.update;
  const times =
    applyTimes.length === 0
      ? {}
      : {
          '@Redfish.OperationApplyTimeSupport': {
            '@odata.type': '#Settings.v1_3_3.OperationApplyTimeSupport',
            SupportedValues: applyTimes,
          },
        };
  const isInfo = model.system.resetTypesIn === 'action info';
  const allowed = isInfo
    ? { '@Redfish.ActionInfo': `${service}/SimpleUpdateActionInfo` }
    : { 'TransferProtocol@Redfish.AllowableValues': protocols };
  return {
    ...resource(model, 'UpdateService', 'UpdateService', 'Update Service'),
    ServiceEnabled: true,
    Status: healthyWithRollup,
    FirmwareInventory: link(inventory),
    ...(multipartUri === undefined ? {} : { MultipartHttpPushUri: multipartUri }),
    ...(pushUri === undefined ? {} : { HttpPushUri: pushUri, HttpPushUriTargets: [], HttpPushUriTargetsBusy: false }),
    Actions: simple
      ? { [`#${simpleUpdate}`]: { target: `${service}/Actions/${simpleUpdate}`, ...allowed, ...times } }
      : {},
  };
}

export function updateRoutes(model: Model): readonly Route[] {
  const { firmware, multipartUri, pushUri, protocols } = model.update;
  const collection = collectionRoute(
    inventory,
    'SoftwareInventory',
    'Firmware Inventory',
    firmware.map(({ id }) => id),
  );
  return [
    { path: service, get: () => serviceBody(model) },
    pushUri === inventory ? { ...collection, post: push } : collection,
    ...firmware.map((item) => ({ path: `${inventory}/${item.id}`, get: (at: At) => itemBody(at, item) })),
    { path: `${service}/Actions/${simpleUpdate}`, post: pull },
    {
      path: `${service}/SimpleUpdateActionInfo`,
      get: () => ({
        ...resource(model, 'ActionInfo', 'SimpleUpdateActionInfo', 'Simple Update Action Info'),
        Parameters: [
          { Name: 'ImageURI', Required: true, DataType: 'String' },
          { Name: 'TransferProtocol', Required: false, DataType: 'String', AllowableValues: protocols },
          { Name: 'Targets', Required: false, DataType: 'StringArray' },
        ],
      }),
    },
    ...(multipartUri === undefined ? [] : [{ path: multipartUri, post: pushForm }]),
    ...(pushUri === undefined || pushUri === inventory ? [] : [{ path: pushUri, post: push }]),
  ];
}
