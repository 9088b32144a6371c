// The newest readings of the sensors of machines that this conductor serves.
import type { SensorReading } from '../drivers/kit/index.ts';
import type { WorkObserver } from '../flows/engine/observer.ts';

/** A value with its labels. */
export interface SensorValue {
  readonly labels: {
    readonly node: string;
    readonly name: string;
    readonly type: string;
    readonly sensor: string;
    readonly unit: string;
  };
  readonly value: number;
}

export interface SensorValues {
  readonly began: WorkObserver['sensorRoundBegan'];
  readonly read: WorkObserver['sensorsRead'];
  values(): Iterable<SensorValue>;
}

/** Makes them; nothing is known before the first round. */
export function createSensorValues(): SensorValues {
  const known = new Map<string, { readonly name: string; readonly readings: readonly SensorReading[] }>();
  return {
    began(uuids) {
      const ours = new Set(uuids);
      for (const uuid of known.keys()) {
        if (!ours.has(uuid)) {
          known.delete(uuid);
        }
      }
    },
    read({ uuid, name }, readings) {
      known.set(uuid, { name: name ?? '', readings });
    },
    *values() {
      for (const [node, { name, readings }] of known) {
        for (const { type, name: sensor, unit, value } of readings) {
          if (value !== null) {
            yield { labels: { node, name, type, sensor, unit: unit ?? '' }, value };
          }
        }
      }
    },
  };
}
