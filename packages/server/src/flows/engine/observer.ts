// What the engine and the power sync tell of their work, for whoever measures it.
import type { SensorReading } from '../../drivers/kit/index.ts';
import type { Run } from '../../store/runs.ts';

export interface WorkObserver {
  /** A run is finished, and the store has it. */
  runEnded(run: Run): void;
  /** A round of the power sync begins; these are the nodes that it looks at. */
  powerRoundBegan(nodeIds: readonly number[]): void;
  /** The BMC of a node told its power state. */
  powerRead(nodeId: number): void;
  /** A round over sensors begins; what is known of other nodes is not this conductor's any more. */
  sensorRoundBegan(nodeUuids: readonly string[]): void;
  /** The sensors of a node now; none where they could not be read. */
  sensorsRead(node: { readonly uuid: string; readonly name: string | null }, readings: readonly SensorReading[]): void;
}
