// How much power a chassis takes, and its limit (Power schema, PowerControl; EnvironmentMetrics schema).
import type { CallOptions, Client } from '../client.ts';
import type { Resource } from '../resource.ts';
import { getIfThere } from './if-there.ts';

/** In watts; what the service does not tell is undefined. */
export interface PowerMetrics {
  readonly consumedWatts: number | undefined;
  readonly capacityWatts: number | undefined;
  readonly limitWatts: number | undefined;
  readonly minimumWatts: number | undefined;
  readonly averageWatts: number | undefined;
  readonly maximumWatts: number | undefined;
  /** Of minimum, average and maximum. */
  readonly intervalMinutes: number | undefined;
  readonly energyKWh: number | undefined;
}

/** What an EnvironmentMetrics resource tells; undefined where it does not measure the power. */
function ofEnvironment(metrics: Resource): PowerMetrics | undefined {
  const consumedWatts = metrics.object('PowerWatts')?.number('Reading');
  if (consumedWatts === undefined) return undefined;
  const limit = metrics.object('PowerLimitWatts');
  return {
    consumedWatts,
    capacityWatts: undefined,
    limitWatts: limit?.text('ControlMode') === 'Disabled' ? undefined : limit?.number('SetPoint'),
    minimumWatts: undefined,
    averageWatts: undefined,
    maximumWatts: undefined,
    intervalMinutes: undefined,
    energyKWh: metrics.object('EnergykWh')?.number('Reading'),
  };
}

/** What a Power resource tells; undefined where it does not measure the power. */
export function ofPower(power: Resource): PowerMetrics | undefined {
  const control = power.objects('PowerControl')[0];
  if (control === undefined) return undefined;
  const history = control.object('PowerMetrics');
  const measured: PowerMetrics = {
    consumedWatts: control.number('PowerConsumedWatts'),
    capacityWatts: control.number('PowerCapacityWatts'),
    limitWatts: control.object('PowerLimit')?.number('LimitInWatts'),
    minimumWatts: history?.number('MinConsumedWatts'),
    averageWatts: history?.number('AverageConsumedWatts'),
    maximumWatts: history?.number('MaxConsumedWatts'),
    intervalMinutes: history?.number('IntervalInMin'),
    energyKWh: undefined,
  };
  // Services without a meter have the object all the same.
  return Object.values(measured).every((each) => each === undefined) ? undefined : measured;
}

/** Reads what the EnvironmentMetrics of a chassis tell. */
export async function readEnvironment(
  client: Client,
  chassis: Resource,
  options: CallOptions = {},
): Promise<PowerMetrics | undefined> {
  const metrics = await getIfThere(client, chassis.link('EnvironmentMetrics'), options);
  return metrics === undefined ? undefined : ofEnvironment(metrics);
}

/** Reads the power of a chassis; undefined where the service does not measure it. */
export async function readPowerMetrics(
  client: Client,
  chassis: Resource,
  options: CallOptions = {},
): Promise<PowerMetrics | undefined> {
  const measured = await readEnvironment(client, chassis, options);
  if (measured !== undefined) return measured;
  const power = await getIfThere(client, chassis.link('Power'), options);
  return power === undefined ? undefined : ofPower(power);
}
