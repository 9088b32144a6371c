// Virtual drives: images put in and taken out by action or by PATCH, at the manager or at the system (schema VirtualMedia).
import type { RedfishBmc } from '../bmc.ts';
import { checkParameters, checkProperties, isBoolean, isOneOf, isTextOrNull, isUri } from '../http/checks.ts';
import { problem } from '../http/problem.ts';
import type { MediaDrive, Model } from '../models/model.ts';
import { perBmc } from '../per-bmc.ts';
import type { At, Body, Call, Route } from '../types.ts';
import { action, collectionRoute, managerPath, resource, systemPath } from './shape.ts';

interface Inserted {
  readonly image: string;
  readonly userName: string | null;
  readonly isWriteProtected: boolean;
  readonly method: string;
  readonly protocol: string | null;
  /** When it was ejected, and is shown all the same until it is over (milliseconds of the clock). */
  readonly shownUntil?: number;
}

/** What is in the drives, by their ids: a drive that is shown at the manager and at the system is one. */
const insertedOf = perBmc(() => new Map<string, Inserted>());

/** What a drive shows now. */
function shownIn(bmc: RedfishBmc, drive: MediaDrive): Inserted | undefined {
  const inserted = insertedOf(bmc).get(drive.id);
  if (inserted?.shownUntil !== undefined && inserted.shownUntil <= Date.now()) {
    insertedOf(bmc).delete(drive.id);
    return undefined;
  }
  return inserted;
}

const methods = ['Stream', 'Upload'];
const protocols = ['CIFS', 'FTP', 'SFTP', 'HTTP', 'HTTPS', 'NFS', 'SCP', 'TFTP', 'OEM'];

const parameters = {
  Image: isUri,
  Inserted: isBoolean,
  WriteProtected: isBoolean,
  UserName: isTextOrNull,
  Password: isTextOrNull,
  TransferMethod: isOneOf(methods),
  TransferProtocolType: isOneOf(protocols),
};

function bodyOf(at: At, model: Model, drive: MediaDrive): Body {
  const { path, bmc } = at;
  const { by, actionsFollowState, noImage } = model.virtualMedia;
  const inserted = shownIn(bmc, drive);
  const insert = action(path, 'VirtualMedia.InsertMedia');
  const eject = action(path, 'VirtualMedia.EjectMedia');
  const actions = actionsFollowState ? (inserted === undefined ? insert : eject) : { ...insert, ...eject };
  return {
    ...resource(model, 'VirtualMedia', drive.id, drive.name),
    MediaTypes: drive.types,
    ConnectedVia: inserted === undefined ? 'NotConnected' : 'URI',
    Inserted: inserted !== undefined,
    Image: inserted?.image ?? noImage,
    ImageName: inserted === undefined ? null : (inserted.image.split('/').at(-1) ?? null),
    UserName: inserted?.userName ?? null,
    Password: null,
    TransferMethod: inserted?.method ?? null,
    TransferProtocolType: inserted?.protocol ?? null,
    WriteProtected: inserted?.isWriteProtected ?? true,
    ...(by === 'patch' ? {} : { Actions: actions }),
  };
}

/** The drive of the machine in which an image goes. */
const machineDrive = (drive: MediaDrive) => (drive.types.includes('CD') ? 'cd' : 'usb');

async function insert(call: Call, path: string, drive: MediaDrive, given: Body): Promise<void> {
  const { bmc } = call;
  const drives = insertedOf(bmc);
  const shown = shownIn(bmc, drive);
  if (shown !== undefined) throw problem(shown.shownUntil === undefined ? 400 : 500, 'ResourceInUse');
  const image = String(given.Image);
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
  try {
    await bmc.machine.insert(machineDrive(drive), {
      image,
      userName: text(given.UserName),
      password: text(given.Password),
    });
  } catch (error) {
    throw problem(400, 'OperationFailed', error instanceof Error ? error.message : String(error));
  }
  drives.set(drive.id, {
    image,
    userName: text(given.UserName) ?? null,
    isWriteProtected: given.WriteProtected !== false,
    method: text(given.TransferMethod) ?? 'Stream',
    protocol: text(given.TransferProtocolType) ?? null,
  });
  bmc.tell({ what: 'message', messageId: 'ResourceEvent.1.2.ResourceChanged', path, args: [] });
}

async function eject(call: Call, path: string, drive: MediaDrive): Promise<void> {
  const { bmc } = call;
  const inserted = shownIn(bmc, drive);
  if (inserted === undefined || inserted.shownUntil !== undefined) return;
  const { ejectMilliseconds } = bmc.settings;
  if (ejectMilliseconds === 0) insertedOf(bmc).delete(drive.id);
  else insertedOf(bmc).set(drive.id, { ...inserted, shownUntil: Date.now() + ejectMilliseconds });
  await bmc.machine.eject(machineDrive(drive));
  bmc.tell({ what: 'message', messageId: 'ResourceEvent.1.2.ResourceChanged', path, args: [] });
}

/** PATCH of `Image` and `Inserted`, as services without the actions have it. */
async function change(call: Call, model: Model, drive: MediaDrive): Promise<undefined> {
  const { path, body } = call;
  checkProperties(
    body,
    { ...parameters, Image: (value) => (value === null ? undefined : isUri(value)) },
    bodyOf(call, model, drive),
  );
  if (body.Image === null || body.Inserted === false) await eject(call, path, drive);
  else if (body.Image !== undefined) await insert(call, path, drive, body);
  return undefined;
}

function driveRoutes(model: Model, collection: string, drive: MediaDrive): readonly Route[] {
  const path = `${collection}/${drive.id}`;
  const get = (at: At) => bodyOf(at, model, drive);
  if (model.virtualMedia.by === 'patch') return [{ path, get, patch: (call) => change(call, model, drive) }];
  return [
    { path, get },
    {
      path: `${path}/Actions/VirtualMedia.InsertMedia`,
      post: async (call) => {
        checkParameters('VirtualMedia.InsertMedia', call.body, parameters, ['Image']);
        await insert(call, path, drive, call.body);
        return undefined;
      },
    },
    {
      path: `${path}/Actions/VirtualMedia.EjectMedia`,
      post: async (call) => {
        checkParameters('VirtualMedia.EjectMedia', call.body, {});
        await eject(call, path, drive);
        return undefined;
      },
    },
  ];
}

export const virtualMediaRoutes = (model: Model): readonly Route[] =>
  model.virtualMedia.drives.flatMap(({ under, list }) => {
    const path = `${under === 'manager' ? managerPath(model) : systemPath(model)}/VirtualMedia`;
    return [
      collectionRoute(
        path,
        'VirtualMedia',
        'Virtual Media',
        list.map(({ id }) => id),
      ),
      ...list.flatMap((drive) => driveRoutes(model, path, drive)),
    ];
  });
