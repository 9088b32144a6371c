// What all sensor records begin with: who owns the sensor, its number, and the entity that it watches (IPMI 2.0, 43.1).
import type { FieldReader } from '../field-reader.ts';

export interface SensorIdentity {
  /** Address of the controller on its channel (even), or, when odd, the id of software on the machine times two plus 1. */
  readonly ownerId: number;
  readonly channel: number;
  readonly lun: number;
  readonly sensorNumber: number;
  /** Table 43-13; `entityName` tells the name. */
  readonly entityId: number;
  /** 0 to 0x7f; from 0x60 on it counts inside of the owner. */
  readonly entityInstance: number;
  /** The entity is a logical one that contains others. */
  readonly entityIsContainer: boolean;
}

export function decodeEntityInstance(byte: number) {
  return { entityInstance: byte & 0x7f, entityIsContainer: (byte & 0x80) !== 0 };
}

export function encodeEntityInstance(entity: { entityInstance: number; entityIsContainer: boolean }): number {
  return entity.entityInstance | (entity.entityIsContainer ? 0x80 : 0);
}

export function decodeSensorIdentity(reader: FieldReader): SensorIdentity {
  const ownerId = reader.u8('sensor owner id');
  const ownerLun = reader.u8('sensor owner LUN');
  return {
    ownerId,
    channel: ownerLun >> 4,
    lun: ownerLun & 3,
    sensorNumber: reader.u8('sensor number'),
    entityId: reader.u8('entity id'),
    ...decodeEntityInstance(reader.u8('entity instance')),
  };
}

export function encodeSensorIdentity(sensor: SensorIdentity): number[] {
  return [
    sensor.ownerId,
    (sensor.channel << 4) | sensor.lun,
    sensor.sensorNumber,
    sensor.entityId,
    encodeEntityInstance(sensor),
  ];
}

/** Whether the sensor belongs to software on the machine, so that no controller can be asked for its reading. */
export function isSoftwareSensor(sensor: SensorIdentity): boolean {
  return (sensor.ownerId & 1) === 1;
}
