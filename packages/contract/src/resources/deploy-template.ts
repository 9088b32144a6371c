// The fields of a deploy template.
import { field, resource } from '../field.ts';
import { readDeploySteps } from './requested-steps.ts';
import { trait } from './trait.ts';
import { links, list, nullable, object, text, time, uuid } from './value.ts';

const both = ['create', 'patch'] as const;

const steps = list(
  readDeploySteps,
  'a list of at least one step with interface, step, args and priority, each interface and step only once',
);

export const deployTemplateResource = resource({
  name: 'deploy template',
  collection: 'deploy_templates',
  since: 55,
  fields: {
    uuid: field(uuid, { since: 55, shown: 'list', write: ['create'] }),
    name: field(trait, { since: 55, shown: 'list', write: both, required: true }),
    links: field(links, { since: 55, shown: 'list' }),
    steps: field(steps, { since: 55, write: both, required: true, masked: true }),
    extra: field(object(), { since: 55, write: both }),
    description: field(nullable(text(255)), { since: 55, shown: 'never', write: ['create'] }),
    created_at: field(time, { since: 55 }),
    updated_at: field(time, { since: 55 }),
  },
});
