// The main job, step by step: manage, provide, deploy, prove by the nonce that the deployed system runs, take back.
import { randomBytes } from 'node:crypto';
import type { MachineHandle } from '../lab/machine-handle.ts';
import type { ApiClient } from './api.ts';
import { lastEventId, type NodeState, type TimelineEvent, waitForState } from './node-watch.ts';

const failureStates = ['deploy failed', 'clean failed', 'error'];

export interface LifeCycleOptions {
  api: ApiClient;
  node: string;
  onEvent?: (event: TimelineEvent) => void;
  /** Longest time for one step, in seconds. */
  deadlineSeconds?: number;
}

const defaultDeadlineSeconds = 420;

/** Asks for a provision verb and waits for the state it leads to. */
export async function provision(
  options: LifeCycleOptions,
  target: string,
  wanted: string,
  body: Record<string, unknown> = {},
): Promise<NodeState> {
  const { api, node, onEvent } = options;
  const afterEvent = await lastEventId(api, node);
  await api.call('PUT', `/v1/nodes/${node}/states/provision`, { target, ...body });
  return waitForState(api, node, wanted, {
    deadlineSeconds: options.deadlineSeconds ?? defaultDeadlineSeconds,
    failureStates: failureStates.filter((state) => state !== wanted),
    afterEvent,
    ...(onEvent === undefined ? {} : { onEvent }),
  });
}

export interface ImageReference {
  url: string;
  sha256: string;
  format: 'raw' | 'qcow2';
}

/** Writes what is to be deployed into the node. */
export async function setImage(api: ApiClient, node: string, image: ImageReference): Promise<void> {
  const values = {
    image_source: image.url,
    image_os_hash_algo: 'sha256',
    image_os_hash_value: image.sha256,
    image_disk_format: image.format,
    image_type: 'whole-disk',
  };
  const patch = Object.entries(values).map(([key, value]) => ({ op: 'add', path: `/instance_info/${key}`, value }));
  await api.call('PATCH', `/v1/nodes/${node}`, patch);
}

/** A config drive whose metadata holds a nonce of this run. */
export function configDriveWithNonce(name: string): {
  nonce: string;
  configdrive: { meta_data: Record<string, unknown> };
} {
  const nonce = randomBytes(12).toString('hex');
  return { nonce, configdrive: { meta_data: { name, hostname: name, meta: { nonce } } } };
}

/** Waits until the deployed system prints the nonce on the machine's serial line. Throws when another one shows. */
export async function proveByNonce(
  machine: MachineHandle,
  nonce: string,
  fromOffset: number,
  deadlineSeconds = 120,
): Promise<string> {
  const match = await machine.waitForSerial(/wrought-os: hostname=\S* uuid=\S* nonce=(\S*)/, {
    deadlineSeconds,
    fromOffset,
  });
  const line = match.line.trim();
  if (!line.includes(`nonce=${nonce}`)) throw new Error(`the machine runs another deployment: ${line}`);
  return line;
}
