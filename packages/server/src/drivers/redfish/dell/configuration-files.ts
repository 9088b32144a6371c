// Configurations of machines as files on a web server: what steps name, how they are fetched and put there, and what is in them.
import { type JsonObject, registeredError } from '@wrought/contract';
import { fetchText, sendUrl, shownUrl, type WebOptions, webOptions } from '../../../boot/web.ts';
import type { Config } from '../../../config/index.ts';
import type { StepArguments, Task } from '../../kit/index.ts';

/** Which interface made a file. */
const INTERFACE = 'idrac-redfish';
/** Profiles of large machines have some hundred kilobytes. */
const MOST_BYTES = 16 * 2 ** 20;

const invalid = (reason: string) => registeredError('InvalidParameterValue', { reason });

/** The URL that an argument names. @throws InvalidParameterValue */
export function readLocation(args: StepArguments, name: string): string {
  const given = args[name];
  if (typeof given !== 'string' || !URL.canParse(given) || !/^https?:$/.test(new URL(given).protocol)) {
    throw invalid(
      `The argument ${name} is ${JSON.stringify(given)}; allowed: an http or https URL of a file, such as "https://192.0.2.1/molds/r750.json".`,
    );
  }
  return given;
}

/** User and password go to the server of the configuration alone, never where somebody's URL leads. */
function optionsFor(url: string, config: Config, abortSignal: AbortSignal): WebOptions {
  const { server, user, password } = config.molds;
  const options = { ...webOptions(config), abortSignal };
  if (server === null || user === null || new URL(server).origin !== new URL(url).origin) {
    return options;
  }
  const credentials = Buffer.from(`${user}:${password ?? ''}`).toString('base64');
  return { ...options, authorization: `Basic ${credentials}` };
}

/** Puts a profile there, in place of what is there. @throws WebError */
export async function putConfiguration({ config, abortSignal }: Task, url: string, profile: JsonObject): Promise<void> {
  const file = JSON.stringify({ oem: { interface: INTERFACE, data: profile } }, null, 2);
  await sendUrl('PUT', url, file, {
    ...optionsFor(url, config, abortSignal),
    headers: { 'content-type': 'application/json' },
  });
}

/** The profile that is there, as the iDRAC takes it. @throws InvalidParameterValue, WebError */
export async function fetchConfiguration({ config, abortSignal }: Task, url: string): Promise<string> {
  const text = await fetchText(url, optionsFor(url, config, abortSignal), MOST_BYTES);
  const wanted = `{"oem": {"interface": "${INTERFACE}", "data": {"SystemConfiguration": {...}}}}, as export_configuration makes it`;
  let file: { readonly oem?: { readonly interface?: unknown; readonly data?: JsonObject } } | null;
  try {
    file = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw invalid(`The configuration at ${shownUrl(url)} is no JSON (${reason}); wanted: ${wanted}.`);
  }
  const { interface: made, data } = file?.oem ?? {};
  if (made !== INTERFACE) {
    throw invalid(
      `The configuration at ${shownUrl(url)} is of the interface ${JSON.stringify(made)}; wanted: ${wanted}.`,
    );
  }
  if (typeof data?.SystemConfiguration !== 'object' || data.SystemConfiguration === null) {
    throw invalid(`The configuration at ${shownUrl(url)} has no SystemConfiguration in its data; wanted: ${wanted}.`);
  }
  return JSON.stringify(data);
}
