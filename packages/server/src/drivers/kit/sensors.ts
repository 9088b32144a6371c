// What the sensors of a machine tell: temperatures, fans, voltages.
import type { JsonObject } from '@wrought/contract';

export interface SensorReading {
  /** What it measures, as the BMC names it: "Temperature", "Fan". */
  readonly type: string;
  /** Which sensor of the machine it is; no two of a type have the same: "CPU Temp (0x1)". */
  readonly name: string;
  /** Null where it has no number: a switch, or a sensor that measures nothing now. */
  readonly value: number | null;
  /** "degrees C", "RPM", "Volts"; null without a number. */
  readonly unit: string | null;
  /** All that the BMC tells of it, under the names that consumers of Ironic's notifications know from this driver. */
  readonly fields: JsonObject;
}
