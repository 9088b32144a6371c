// What a provision request may hold, as a JSON schema for the description of the API.
import { isProvisionVerb, stepInterfaces, verbs } from '@wrought/contract';

const step = (needed: readonly string[]) => ({
  type: 'object',
  properties: {
    interface: { enum: stepInterfaces },
    step: { type: 'string' },
    args: { type: 'object' },
    priority: { type: 'integer', minimum: 0 },
  },
  required: ['interface', 'step', ...needed],
});

/** The body of a provision request as clients of this version may send it. */
export function provisionSchema(minor: number): Readonly<Record<string, unknown>> {
  const known = Object.keys(verbs).filter((verb) => isProvisionVerb(verb) && verbs[verb].since <= minor);
  return {
    type: 'object',
    properties: {
      target: { enum: known },
      configdrive: {
        type: ['string', 'object', 'null'],
        description: 'An object, base64 of an ISO image, or its URL.',
      },
      clean_steps: { type: 'array', items: step([]) },
      service_steps: { type: 'array', items: step([]) },
      deploy_steps: { type: 'array', items: step(['args', 'priority']) },
      rescue_password: { type: 'string', minLength: 1 },
      disable_ramdisk: { type: 'boolean' },
      runbook: { type: 'string', description: 'UUID or name of a runbook whose steps are run.' },
    },
    required: ['target'],
    additionalProperties: false,
  };
}
