// Lights by which a person finds a system, chassis or drive: LocationIndicatorActive, and IndicatorLED before it.
import type { Answer, CallOptions, Client } from '../client.ts';
import { UnsupportedError } from '../errors.ts';
import type { Resource } from '../resource.ts';

export type Indicator = 'Lit' | 'Blinking' | 'Off';

/** Whether a resource has such a light. */
export const hasIndicator = (resource: Resource): boolean =>
  resource.has('LocationIndicatorActive') || resource.has('IndicatorLED');

/** How the light is; undefined when the service does not know, or has none. */
export function readIndicator(resource: Resource): Indicator | undefined {
  const led =
    resource.value('IndicatorLED') === 'Unknown'
      ? undefined
      : resource.enumeration('IndicatorLED', ['Lit', 'Blinking', 'Off']);
  const isActive = resource.boolean('LocationIndicatorActive');
  if (isActive === undefined) return led;
  // The newer property knows no difference between lit and blinking.
  if (isActive) return led === 'Lit' ? 'Lit' : 'Blinking';
  return 'Off';
}

/**
 * Switches the light.
 *
 * @throws UnsupportedError when the resource has none.
 */
export async function setIndicator(
  client: Client,
  resource: Resource,
  indicator: Indicator,
  options: CallOptions = {},
): Promise<Answer> {
  if (resource.has('LocationIndicatorActive')) {
    return client.patch(resource, { LocationIndicatorActive: indicator !== 'Off' }, options);
  }
  if (!resource.has('IndicatorLED')) {
    throw new UnsupportedError(resource.named('PATCH'), 'there is no light to find it by');
  }
  return client.patch(resource, { IndicatorLED: indicator }, options);
}
