// Sensors of a simulated machine: readings that follow its power, and thresholds that can be set (IPMI 2.0, section 35).
import { encodeSensorReading, type ThresholdName, thresholdFlags } from '@wrought/ipmi';
import type { Bmc } from '../bmc.ts';
import type { MakeSensor } from '../make.ts';
import { perBmc } from '../per-bmc.ts';
import { type Answer, type CommandContext, type CommandTable, command, completion } from './command.ts';

type Thresholds = Readonly<Record<ThresholdName, number>>;
const order = Object.keys(thresholdFlags.decode(0)) as readonly ThresholdName[];
const readable = 0x3f;
const allEventsEnabled = 0xc0;

const changedOf = perBmc(() => new Map<number, Thresholds>());
/** Readings and states that a test or a program set. */
const readingsOf = perBmc(() => new Map<number, number>());

const find = ({ bmc, data: [number = 0] }: CommandContext): MakeSensor | undefined =>
  bmc.settings.make.sensors.find((sensor) => sensor.number === number);

const thresholdsOf = ({ bmc }: CommandContext, sensor: MakeSensor): Thresholds | undefined =>
  changedOf(bmc).get(sensor.number) ?? sensor.thresholds;

function passed(raw: number, thresholds: Thresholds): number {
  return thresholdFlags.encode({
    lowerNonCritical: raw <= thresholds.lowerNonCritical,
    lowerCritical: raw <= thresholds.lowerCritical,
    lowerNonRecoverable: raw <= thresholds.lowerNonRecoverable,
    upperNonCritical: raw >= thresholds.upperNonCritical,
    upperCritical: raw >= thresholds.upperCritical,
    upperNonRecoverable: raw >= thresholds.upperNonRecoverable,
  });
}

function reading(context: CommandContext): Answer {
  const sensor = find(context);
  if (sensor === undefined) return completion.notPresent;
  const value = readingsOf(context.bmc).get(sensor.number) ?? sensor.value(context.bmc);
  const thresholds = thresholdsOf(context, sensor);
  return encodeSensorReading({
    raw: thresholds === undefined ? 0 : (value ?? 0),
    eventsEnabled: true,
    scanningEnabled: true,
    unavailable: value === undefined,
    states: thresholds === undefined ? (value ?? 0) : passed(value ?? 0, thresholds),
  });
}

function getThresholds(context: CommandContext): Answer {
  const sensor = find(context);
  if (sensor === undefined) return completion.notPresent;
  const thresholds = thresholdsOf(context, sensor);
  if (thresholds === undefined) return completion.illegalForSensor;
  return Uint8Array.of(readable, ...order.map((name) => thresholds[name]));
}

function setThresholds(context: CommandContext): Answer {
  const sensor = find(context);
  if (sensor === undefined) return completion.notPresent;
  const before = thresholdsOf(context, sensor);
  if (before === undefined) return completion.illegalForSensor;
  const [, mask = 0, ...values] = context.data;
  const given = thresholdFlags.decode(mask);
  const changed = order.map((name, index) => [name, given[name] ? (values[index] ?? 0) : before[name]] as const);
  changedOf(context.bmc).set(sensor.number, Object.fromEntries(changed) as Thresholds);
  return completion.ok;
}

const known = (answer: Answer) => (context: CommandContext) =>
  find(context) === undefined ? completion.notPresent : answer;

function type(context: CommandContext): Answer {
  const sensor = find(context);
  return sensor === undefined ? completion.notPresent : Uint8Array.of(sensor.sensorType, sensor.eventType);
}

export const sensorCommands: CommandTable = {
  // Get Event Receiver: the BMC itself.
  1: command('user', 0, () => Uint8Array.of(0x20, 0)),
  36: command('operator', 4, known(completion.ok)),
  37: command('user', 2, known(Uint8Array.of(0, 0))),
  38: command('operator', 8, setThresholds),
  39: command('user', 1, getThresholds),
  40: command('operator', 2, known(completion.ok)),
  41: command('user', 1, known(Uint8Array.of(allEventsEnabled, 0xff, 0x7f, 0xff, 0x7f))),
  45: command('user', 1, reading),
  47: command('user', 1, type),
};

/** What a sensor reads from now on: raw, or the states of a discrete one; undefined: what the make says. */
export function setSensorReading(bmc: Bmc, sensorNumber: number, value: number | undefined): void {
  if (value === undefined) readingsOf(bmc).delete(sensorNumber);
  else readingsOf(bmc).set(sensorNumber, value);
}
