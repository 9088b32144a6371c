// sensors: what the BMC measures.
import { chassisOf, type PowerSupply, readChassisReadings, type SensorReading, type Status } from '@wrought/redfish';
import type { Command } from 'commander';
import { showTable } from '../show.ts';
import type { Service } from './service.ts';

const statusOf = ({ state, health }: Status) => (health === 'OK' ? 'ok' : (health ?? state)?.toLowerCase());

const sensorRow = (
  chassis: string,
  { name, kind, reading, unit, status, physicalContext, thresholds }: SensorReading,
) => ({
  ...{ name, value: reading, unit: reading === undefined ? undefined : unit, status: statusOf(status), kind },
  ...{ chassis, physicalContext, thresholds },
});

const supplyRow = (chassis: string, { name, inputWatts, outputWatts, capacityWatts, status }: PowerSupply) => {
  const value = outputWatts ?? inputWatts;
  const unit = value === undefined ? undefined : 'W';
  return { name, value, unit, status: statusOf(status), kind: 'power supply', chassis, capacityWatts };
};

export function defineSensors(commands: Command, { context, withSystem }: Service): void {
  commands
    .command('sensors')
    .description('read every sensor and power supply, or those whose name or kind has a text')
    .argument('[text]', 'such as fan or temperature')
    .option('--problems', 'only those with a health that is not ok')
    .action((text: string | undefined, options: { problems?: true }) =>
      withSystem(async (client, system) => {
        const wanted = text?.toLowerCase() ?? '';
        const rows: (ReturnType<typeof sensorRow> | ReturnType<typeof supplyRow>)[] = [];
        for (const chassis of await chassisOf(client, system)) {
          const { sensors, powerSupplies } = await readChassisReadings(client, chassis);
          rows.push(...sensors.map((each) => sensorRow(chassis.id, each)));
          rows.push(...powerSupplies.map((each) => supplyRow(chassis.id, each)));
        }
        const shown = rows.filter(
          ({ name, kind, status }) =>
            `${name}\n${kind}`.toLowerCase().includes(wanted) &&
            !(options.problems && status !== 'warning' && status !== 'critical'),
        );
        showTable(context, shown, ['name', 'value', 'unit', 'status', 'kind']);
      }),
    );
}
