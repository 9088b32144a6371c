// Actions of a resource: their targets, and what they allow (DSP0266, "Actions"; ActionInfo schema).
import type { Answer, CallOptions, Client } from './client.ts';
import { RedfishError, UnsupportedError } from './errors.ts';
import type { Fields } from './fields.ts';
import type { Resource } from './resource.ts';

export interface ActionOptions extends CallOptions {
  /** Sends values although the service does not list them. Default false. */
  readonly unchecked?: boolean;
}

/** Actions of manufacturers may have their schema before the name: `#OemManager.v1_4_0.OemManager#OemManager.ImportSystemConfiguration`. */
const plainName = (key: string) => key.replace(/^.*#/, '');

/** All actions of a resource by name, those of manufacturers included. */
function actionsOf(resource: Resource): Map<string, Fields> {
  const found = new Map<string, Fields>();
  const collect = (from: Fields | undefined) => {
    for (const key of Object.keys(from?.json ?? {})) {
      const action = key === 'Oem' || !key.includes('.') ? undefined : from?.object(key);
      if (action !== undefined) found.set(plainName(key), action);
    }
  };
  const actions = resource.object('Actions');
  const oem = actions?.object('Oem');
  collect(actions);
  collect(oem);
  for (const manufacturer of Object.keys(oem?.json ?? {})) {
    if (!manufacturer.includes('.')) collect(oem?.object(manufacturer));
  }
  return found;
}

/** Whether a resource has an action, such as `ComputerSystem.Reset`. */
export const hasAction = (resource: Resource, name: string): boolean => actionsOf(resource).has(plainName(name));

function findAction(resource: Resource, name: string): Fields {
  const actions = actionsOf(resource);
  const action = actions.get(plainName(name));
  if (action !== undefined) return action;
  throw new UnsupportedError(resource.named('POST'), `the BMC does not offer the action ${plainName(name)} here`, [
    ...actions.keys(),
  ]);
}

async function readParameters(client: Client, action: Fields, options: CallOptions): Promise<readonly Fields[]> {
  const info = action.string('@Redfish.ActionInfo');
  if (info === undefined) return [];
  try {
    return (await client.get(info, options)).objects('Parameters');
  } catch (error) {
    // What is allowed is good to know, and no reason not to act.
    if (!(error instanceof RedfishError) || options.signal?.aborted) throw error;
    client.onOddity({ path: info, property: '', expected: 'ActionInfo', found: error.message });
    return [];
  }
}

/**
 * The values that a parameter of an action may have.
 *
 * @returns undefined when the service does not say.
 * @throws UnsupportedError when the resource has no such action.
 */
export async function allowedValues(
  client: Client,
  resource: Resource,
  name: string,
  parameter: string,
  options: CallOptions = {},
): Promise<readonly string[] | undefined> {
  const action = findAction(resource, name);
  const annotated = action.allowableValues(parameter);
  if (annotated !== undefined && annotated.length > 0) return annotated;
  const parameters = await readParameters(client, action, options);
  const described = parameters.find((each) => each.string('Name') === parameter)?.strings('AllowableValues') ?? [];
  return described.length > 0 ? described : undefined;
}

/** Performs an action; see `Client.action`. */
export async function performAction(
  client: Client,
  resource: Resource,
  name: string,
  body: object,
  { unchecked = false, ...options }: ActionOptions,
): Promise<Answer> {
  const action = findAction(resource, name);
  for (const [parameter, value] of unchecked ? [] : Object.entries(body)) {
    if (typeof value !== 'string' || parameter.startsWith('@')) continue;
    const allowed = await allowedValues(client, resource, name, parameter, options);
    if (allowed !== undefined && !allowed.includes(value)) {
      throw new UnsupportedError(
        resource.named('POST'),
        `${plainName(name)} does not take ${parameter} "${value}"`,
        allowed,
      );
    }
  }
  const usual = `${resource.path.replace(/\/$/, '')}/Actions/${plainName(name)}`;
  const target = action.text('target');
  if (target === undefined) resource.report(`${action.pointer}/target`, 'where the action is', 'nothing');
  return client.post(target ?? usual, body, options);
}
