// What an iDRAC has beside Redfish for its upkeep: the job queue and the state of the Lifecycle Controller (DellJobService,
// DellLCService schemas).
import type { CallOptions, Client } from '../client.ts';
import { UnsupportedError } from '../errors.ts';
import type { Resource } from '../resource.ts';
import { dellLinks } from './dell.ts';

/** The link to a part. @throws UnsupportedError when the manager names no such part. */
function partOf(manager: Resource, name: string): string {
  const links = dellLinks(manager);
  const link = links.get(name);
  if (link === undefined) throw new UnsupportedError(manager.named(), `the BMC has no ${name}`, [...links.keys()]);
  return link;
}

/** A job as the queue has it. */
export interface DellJob {
  readonly id: string;
  readonly path: string;
  /** `ImportConfiguration`, `BIOSConfiguration`, `RAIDConfiguration` and so on. */
  readonly type: string | undefined;
  readonly name: string | undefined;
  /** `Scheduled`, `Running`, `Completed`, `Failed` and so on. */
  readonly state: string | undefined;
}

/**
 * Reads the job queue.
 *
 * @throws UnsupportedError when the manager has none.
 */
export async function listDellJobs(client: Client, manager: Resource, options: CallOptions = {}): Promise<DellJob[]> {
  const jobs = await client.members(partOf(manager, 'Jobs'), options);
  return jobs.map((job) => ({
    id: job.id,
    path: job.path,
    type: job.text('JobType'),
    name: job.text('Name'),
    state: job.text('JobState'),
  }));
}

/**
 * Deletes all jobs, those that ended and those that wait.
 *
 * @throws UnsupportedError when the manager has no queue.
 */
export async function clearDellJobs(client: Client, manager: Resource, options: CallOptions = {}): Promise<void> {
  const service = await client.get(partOf(manager, 'DellJobService'), options);
  await client.action(service, 'DellJobService.DeleteJobQueue', { JobID: 'JID_CLEARALL' }, options);
}

/** What GetRemoteServicesAPIStatus answers; undefined where it does not say. */
export interface DellReadiness {
  /** `Ready`, `NotInitialized`, `ReloadingData`, `Disabled`, `InRecovery`, `InUse` or `Unknown`. */
  readonly lifecycleController: string | undefined;
  /** Whether RAID can be set up at once: `Ready` or `NotReady`. */
  readonly realTime: string | undefined;
  /** `PoweredOff`, `InPOST`, `OutOfPOST` and so on. */
  readonly server: string | undefined;
}

/**
 * Asks how the Lifecycle Controller stands, which configuration, RAID and firmware go through.
 *
 * @throws UnsupportedError when the manager does not tell.
 */
export async function readDellReadiness(
  client: Client,
  manager: Resource,
  options: CallOptions = {},
): Promise<DellReadiness> {
  const service = await client.get(partOf(manager, 'DellLCService'), options);
  const { resource } = await client.action(service, 'DellLCService.GetRemoteServicesAPIStatus', {}, options);
  return {
    lifecycleController: resource?.text('LCStatus'),
    realTime: resource?.text('RTStatus'),
    server: resource?.text('ServerStatus'),
  };
}
