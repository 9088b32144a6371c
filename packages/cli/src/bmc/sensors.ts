// sensors and dcmi: what the BMC measures.
import { getPowerReading, readSensors, type Sensor, selTime } from '@wrought/ipmi';
import type { Command } from 'commander';
import type { Bmc } from './bmc.ts';
import { showFields, showTable } from './show.ts';

/** Enough for what sensors of one byte can tell. */
const decimals = 3;

function rowOf({ record, name, typeName, entityName, reading, unreadable }: Sensor) {
  const states = reading?.states.map((state) => state.name) ?? [];
  const value = reading?.value;
  return {
    name,
    value: value === undefined ? undefined : Number(value.toFixed(decimals)),
    unit: value === undefined ? undefined : reading?.unit,
    status: reading === undefined ? 'unreadable' : (reading.status ?? 'ok'),
    detail: unreadable ?? (states.length === 0 ? undefined : states.join(', ')),
    states,
    type: typeName,
    entity: entityName,
    number: record.sensorNumber,
  };
}

export function defineSensors(commands: Command, { context, inSession }: Bmc): void {
  commands
    .command('sensors')
    .description('read every sensor, or those whose name or type has a text')
    .argument('[text]', 'such as fan or temperature')
    .option('--problems', 'only those that are not ok')
    .action((text: string | undefined, options: { problems?: true }) =>
      inSession(async (session) => {
        const wanted = text?.toLowerCase();
        const rows: ReturnType<typeof rowOf>[] = [];
        const connectionTo = (address: number, channel: number) => session.bridge({ address, channel });
        for await (const sensor of readSensors(session, { connectionTo })) {
          const isWanted = wanted === undefined || `${sensor.name}\n${sensor.typeName}`.toLowerCase().includes(wanted);
          const row = rowOf(sensor);
          if (isWanted && !(options.problems && row.status === 'ok')) rows.push(row);
        }
        showTable(context, rows, ['name', 'value', 'unit', 'status', 'detail']);
      }),
    );
  const dcmi = commands.command('dcmi').description('Data Center Manageability Interface');
  dcmi
    .command('power')
    .description('how much power the machine takes, in watts')
    .action(() =>
      inSession(async (session) => {
        const { timestamp, periodMilliseconds, ...reading } = await getPowerReading(session);
        const time = selTime(timestamp);
        showFields(context, {
          ...reading,
          unit: 'W',
          time: time !== undefined && 'date' in time ? time.date : undefined,
          periodSeconds: periodMilliseconds / 1000,
        });
      }),
    );
}
