// Counts the unfinished runs of a conductor by flow, status and present step.

import { stepName } from '../store/journal.ts';
import { parseList } from '../store/json.ts';
import type { PlannedStep } from '../store/runs.ts';
import type { Database } from '../store/store.ts';

export interface RunCount {
  readonly flow: string;
  readonly status: string;
  /** "interface.step"; empty between steps and for runs in line. */
  readonly step: string;
  readonly count: number;
}

export async function countUnfinishedRuns(db: Database, conductor: string): Promise<RunCount[]> {
  const rows = await db
    .selectFrom('runs')
    .select(['flow', 'status', 'plan', 'position'])
    .where('finished_at', 'is', null)
    .where('conductor', '=', conductor)
    .execute();
  const runs = rows.map(({ flow, status, plan, position }) => {
    const step = parseList<PlannedStep>(plan)[position];
    return { flow, status, step: step === undefined ? '' : stepName(step) };
  });
  return [...Map.groupBy(runs, ({ flow, status, step }) => `${flow}\n${status}\n${step}`).values()].flatMap((alike) =>
    alike[0] === undefined ? [] : [{ ...alike[0], count: alike.length }],
  );
}
