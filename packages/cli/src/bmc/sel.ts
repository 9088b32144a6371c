// sel: the system event log in words.
import {
  type Connection,
  clearSel,
  describeEvent,
  type EventDescription,
  type EventValue,
  expandSharedRecord,
  getSelInfo,
  IpmiError,
  isSensorOfEvent,
  isSensorRecord,
  readSdrs,
  readSel,
  type SelRecord,
  type SensorRecord,
  type SystemEvent,
  selTime,
} from '@wrought/ipmi';
import type { Command } from 'commander';
import { parseCount } from '../arguments.ts';
import type { Bmc } from './bmc.ts';
import { showFields, showTable } from './show.ts';

const byte = (value: number) => `0x${value.toString(16).padStart(2, '0')}`;

/** A point in time, or, before the clock was set, how long the BMC had run. */
function timeOf(timestamp: number): Date | string | undefined {
  const time = selTime(timestamp);
  if (time === undefined) return undefined;
  return 'date' in time ? time.date : `${time.secondsSinceStart} s after start`;
}

const valueText = ({ raw, value, unit }: EventValue) =>
  value === undefined ? byte(raw) : `${value} ${unit}`.trimEnd();

function detailOf(described: EventDescription): string | undefined {
  const { triggerReading, triggerThreshold, previousState, severity, details, oemData } = described;
  const parts = [
    ...(triggerReading === undefined ? [] : [`reading ${valueText(triggerReading)}`]),
    ...(triggerThreshold === undefined ? [] : [`threshold ${valueText(triggerThreshold)}`]),
    ...(previousState === undefined ? [] : [`before: ${previousState}`]),
    ...(severity === undefined ? [] : [`severity: ${severity}`]),
    ...details,
    ...[oemData.data2, oemData.data3].flatMap((data) => (data === undefined ? [] : [`OEM data ${byte(data)}`])),
  ];
  return parts.length === 0 ? undefined : parts.join(', ');
}

function eventRow(event: SystemEvent, sensors: readonly SensorRecord[]) {
  const described = describeEvent(
    event,
    sensors.find((sensor) => isSensorOfEvent(sensor, event)),
  );
  return {
    id: event.recordId,
    time: timeOf(event.timestamp),
    sensor: described.sensor ?? `${described.sensorType} ${byte(event.sensorNumber)}`,
    event: described.state,
    direction: event.direction,
    detail: detailOf(described),
    sensorType: described.sensorType,
    sensorNumber: event.sensorNumber,
    generator: event.generator,
    data: Buffer.from(event.data),
  };
}

function rowOf(record: SelRecord, sensors: readonly SensorRecord[]): object {
  if (record.type === 'system event') return eventRow(record, sensors);
  return {
    id: record.recordId,
    time: record.type === 'OEM' ? undefined : timeOf(record.timestamp),
    event: `OEM record ${byte(record.recordType)}`,
    detail: record.data.toString('hex'),
    ...(record.type === 'OEM' ? {} : { manufacturerId: record.manufacturerId }),
    data: record.data,
  };
}

async function readSensorRecords(connection: Connection): Promise<SensorRecord[]> {
  const sensors: SensorRecord[] = [];
  for await (const record of readSdrs(connection)) {
    if (record instanceof IpmiError || !isSensorRecord(record)) continue;
    sensors.push(...(record.type === 'full sensor' ? [record] : expandSharedRecord(record)));
  }
  return sensors;
}

export function defineSel(commands: Command, { context, inSession }: Bmc): void {
  const sel = commands.command('sel').description('the system event log');
  sel
    .command('info')
    .description('how many events it has, and how much room')
    .action(() =>
      inSession(async (session) => {
        const info = await getSelInfo(session);
        const { lastAddition, lastErase } = info;
        showFields(context, { ...info, lastAddition: timeOf(lastAddition), lastErase: timeOf(lastErase) });
      }),
    );
  sel
    .command('list')
    .description('its events in words, the oldest first')
    .option('--last <count>', 'only so many, the newest', parseCount)
    .option('--no-sensor-names', 'do not read the sensor records, which take long at some BMCs')
    .action((options: { last?: number; sensorNames: boolean }) =>
      inSession(async (session) => {
        const records: SelRecord[] = [];
        for await (const record of readSel(session)) records.push(record);
        const wanted = options.last === undefined ? records : records.slice(-options.last);
        const sensors = options.sensorNames && wanted.length > 0 ? await readSensorRecords(session) : [];
        const rows = wanted.map((record) => rowOf(record, sensors));
        showTable(context, rows, ['id', 'time', 'sensor', 'event', 'direction', 'detail']);
      }),
    );
  sel
    .command('clear')
    .description('erase it, and wait until that is done')
    .action(() =>
      inSession(async (session) => {
        await clearSel(session);
        showFields(context, { cleared: true });
      }),
    );
}
