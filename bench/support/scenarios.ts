// Runs the scenarios of a benchmark, all or the one that is named, prints their tables, and keeps them as JSON where asked to.
import { writeFileSync } from 'node:fs';
import { environmentLine } from './environment.ts';
import { type Row, table } from './table.ts';

/** `--only NAME` and `--output FILE`, beside the options of the benchmark itself. */
export const scenarioOptions = { only: { type: 'string' }, output: { type: 'string' } } as const;

export interface ScenarioChoice {
  readonly only?: string | undefined;
  readonly output?: string | undefined;
}

/** @throws Error for a scenario that there is not */
export async function runScenarios(
  title: string,
  scenarios: Readonly<Record<string, () => Promise<Row[]>>>,
  { only, output }: ScenarioChoice,
): Promise<void> {
  if (only !== undefined && !Object.hasOwn(scenarios, only)) {
    throw new Error(`--only ${only}: there are ${Object.keys(scenarios).join(', ')}`);
  }
  console.log(`${title} ${environmentLine()}`);
  const all: Record<string, Row[]> = {};
  for (const [name, run] of Object.entries(scenarios)) {
    if (only === undefined || only === name) {
      const rows = await run();
      all[name] = rows;
      console.log(`\n${table(rows)}`);
    }
  }
  if (output !== undefined) writeFileSync(output, JSON.stringify(all, null, 2));
}
