// The steps of the deploy templates that an instance asks for by its traits.
import { type RequestedStep, registeredError } from '@wrought/contract';
import { parseList } from './json.ts';
import type { Database } from './store.ts';

/** Steps of all templates with these names; two templates that name the same step are an error. */
export async function listDeployTemplateSteps(db: Database, names: readonly string[]): Promise<RequestedStep[]> {
  if (names.length === 0) {
    return [];
  }
  const rows = await db
    .selectFrom('deploy_templates')
    .select(['name', 'steps'])
    .where('name', 'in', names)
    .orderBy('id')
    .execute();
  const owners = new Map<string, string>();
  const steps: RequestedStep[] = [];
  for (const row of rows) {
    for (const step of parseList<RequestedStep>(row.steps)) {
      const key = `${step.interface}.${step.step}`;
      const owner = owners.get(key);
      if (owner !== undefined) {
        throw registeredError('InvalidParameterValue', {
          reason: `The deploy templates ${owner} and ${row.name}, which the instance's traits ask for, both contain the step ${key}.`,
        });
      }
      owners.set(key, row.name);
      steps.push(step);
    }
  }
  return steps;
}
