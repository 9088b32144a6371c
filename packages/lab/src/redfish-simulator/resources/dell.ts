// Dell's own parts of a manager: the job queue, the state of the Lifecycle Controller, the reset of the iDRAC; names as public dumps show them.
import type { RedfishBmc } from '../bmc.ts';
import { checkParameters, isOneOf, isText } from '../http/checks.ts';
import { problem } from '../http/problem.ts';
import type { Model } from '../models/model.ts';
import type { At, Body, Call, Route } from '../types.ts';
import { exportAction, exportRoutes } from './dell-configuration.ts';
import { action, collection, link, links, managerPath, timeOf } from './shape.ts';
import { storedRoute } from './stored.ts';
import { type Task, tasksOf } from './tasks.ts';

const isDell = (model: Model) => model.name === 'idrac';
const dellPath = (model: Model) => `${managerPath(model)}/Oem/Dell`;

const attributesPath = (model: Model) => `${dellPath(model)}/DellAttributes/${model.ids.manager}`;

/** Links to these parts, for `Links` of the manager; none for others. */
export function dellLinks(model: Model): Body {
  if (!isDell(model)) return {};
  const path = dellPath(model);
  return {
    Oem: {
      Dell: {
        '@odata.type': '#DellOem.v1_3_0.DellOemLinks',
        DellAttributes: links([attributesPath(model)]),
        DellJobService: link(`${path}/DellJobService`),
        DellLCService: link(`${path}/DellLCService`),
        DelliDRACCardService: link(`${path}/DelliDRACCardService`),
        Jobs: link(`${path}/Jobs`),
      },
    },
  };
}

/** Actions of the manager besides; none for others. */
export const dellActions = (model: Model): Body => (isDell(model) ? { Oem: exportAction(model) } : {});

/** What the manager says besides; nothing for others. */
export const dellManager = ({ model, startedAt }: RedfishBmc): Body =>
  isDell(model) ? { LastResetTime: timeOf(startedAt) } : {};

const jobStates = {
  Pending: 'Scheduled',
  Running: 'Running',
  Completed: 'Completed',
  Exception: 'Failed',
  Interrupted: 'Failed',
  Cancelled: 'Failed',
} as const;

const jobTypes: Readonly<Record<string, string>> = {
  'BIOS configuration': 'BIOSConfiguration',
  'Firmware update': 'FirmwareUpdate',
  'Create volume': 'RAIDConfiguration',
  'Delete volume': 'RAIDConfiguration',
  'Initialize volume': 'RAIDConfiguration',
  'Export configuration': 'ExportConfiguration',
  'Import configuration': 'ImportConfiguration',
};

const localTime = (milliseconds: number) => timeOf(milliseconds).replace(/\+00:00$/, '');

function jobBody({ bmc }: At, task: Task): Body {
  const state = jobStates[task.state];
  return {
    '@odata.type': '#DellJob.v1_2_0.DellJob',
    Id: task.id,
    Name: task.name,
    Description: 'Job Instance',
    JobState: state,
    JobType: jobTypes[task.name] ?? 'Unknown',
    Message: task.messages[0]?.text ?? `The job is ${state}.`,
    MessageArgs: [],
    MessageId: { Scheduled: 'JCP001', Running: 'PR20', Completed: 'PR19', Failed: 'PR21' }[state],
    PercentComplete: task.percentComplete(bmc.settings.taskMilliseconds),
    StartTime: localTime(task.since),
    EndTime: 'TIME_NA',
    ActualRunningStartTime: task.startedAt === undefined ? null : localTime(task.startedAt),
    CompletionTime: task.endedAt === undefined ? null : localTime(task.endedAt),
    TargetSettingsURI: null,
  };
}

const deleteQueue = 'DellJobService.DeleteJobQueue';

function deleteJobs({ bmc, body }: Call): undefined {
  checkParameters(deleteQueue, body, { JobID: isText }, ['JobID']);
  const id = String(body.JobID);
  const tasks = tasksOf(bmc);
  const chosen = /^JID_CLEARALL(_FORCE)?$/.test(id) ? tasks.all : tasks.all.filter((task) => task.id === id);
  if (chosen.length === 0 && !id.startsWith('JID_CLEARALL')) throw problem(404, 'ResourceNotFound', 'Job', id);
  for (const task of chosen) tasks.remove(task);
  return undefined;
}

const statusAction = 'DellLCService.GetRemoteServicesAPIStatus';

function remoteStatus({ bmc, body }: Call) {
  checkParameters(statusAction, body, {});
  const serverStatus = bmc.machine.power === 'On' ? 'OutOfPOST' : 'PoweredOff';
  const isReady = Date.now() >= bmc.startedAt + bmc.settings.lifecycleMilliseconds;
  const status = isReady
    ? { Status: 'Ready', LCStatus: 'Ready', RTStatus: 'Ready' }
    : { Status: 'NotReady', LCStatus: 'NotInitialized', RTStatus: 'NotReady' };
  return { status: 200, body: { ...status, ServerStatus: serverStatus } };
}

const resetAction = 'DelliDRACCardService.iDRACReset';
const resetKinds = ['Graceful', 'Force'];

function resetCard({ bmc, body }: Call): undefined {
  checkParameters(resetAction, body, { Force: isOneOf(resetKinds) });
  // The answer goes out before the service does.
  setImmediate(() => bmc.reset());
  return undefined;
}

/** A service with one action. */
function serviceRoutes(path: string, name: string, version: string, shown: Body, key: string, post: Route['post']) {
  const own: Route = {
    path,
    get: () => ({
      '@odata.type': `#${name}.${version}.${name}`,
      Id: name,
      Name: name,
      Actions: shown,
    }),
  };
  return post === undefined ? [own] : [own, { path: `${path}/Actions/${key}`, post }];
}

/** Attributes of the iDRAC, of which there are thousands; here those of its VNC server. */
function attributesBody({ bmc }: At): Body {
  return {
    '@odata.type': '#DellAttributes.v1_0_0.DellAttributes',
    Id: bmc.model.ids.manager,
    Name: 'DellAttributes',
    AttributeRegistry: 'ManagerAttributeRegistry.v1_0_0',
    Attributes: {
      'VNCServer.1.Enable': bmc.kvmPort === undefined ? 'Disabled' : 'Enabled',
      'VNCServer.1.Port': bmc.kvmPort ?? 5901,
    },
  };
}

export function dellRoutes(model: Model): readonly Route[] {
  if (!isDell(model)) return [];
  const path = dellPath(model);
  const jobs = `${path}/Jobs`;
  const [queue, lifecycle, card] = ['DellJobService', 'DellLCService', 'DelliDRACCardService'] as const;
  const at = (name: string) => `${path}/${name}`;
  return [
    ...serviceRoutes(at(queue), queue, 'v1_2_0', action(at(queue), deleteQueue), deleteQueue, deleteJobs),
    ...serviceRoutes(
      at(lifecycle),
      lifecycle,
      'v1_3_0',
      action(at(lifecycle), statusAction),
      statusAction,
      remoteStatus,
    ),
    ...serviceRoutes(
      at(card),
      card,
      'v1_5_0',
      action(at(card), resetAction, { Force: resetKinds }),
      resetAction,
      resetCard,
    ),
    {
      path: jobs,
      get: ({ bmc }) => ({
        ...collection(
          'DellJob',
          'JobQueue',
          tasksOf(bmc).all.map(({ id }) => `${jobs}/${id}`),
        ),
        Id: 'JobQueue',
      }),
    },
    {
      path: `${jobs}/{job}`,
      get: (where) => {
        const task = tasksOf(where.bmc).get(where.parameters.job);
        return task === undefined ? undefined : jobBody(where, task);
      },
      delete: ({ bmc, parameters }) => {
        const task = tasksOf(bmc).get(parameters.job);
        if (task !== undefined) tasksOf(bmc).remove(task);
        return undefined;
      },
    },
    storedRoute(
      attributesPath(model),
      { Attributes: { 'VNCServer.1.Enable': isOneOf(['Enabled', 'Disabled']) } },
      attributesBody,
    ),
    ...exportRoutes(model),
  ];
}
