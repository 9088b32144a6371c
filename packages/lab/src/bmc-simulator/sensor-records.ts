// The sensor data record of a simulated sensor: full for those with thresholds, compact for discrete ones (IPMI 2.0, 43.1 and 43.2).
import type { CompactSensor, FullSensor, SensorProperties } from '@wrought/ipmi';
import { bmcAddress } from '@wrought/ipmi/codec';
import type { MakeSensor } from './make.ts';

const everyThreshold = 0x3f;
/** Low-going below the lower thresholds, high-going above the upper ones; with the readable ones beside. */
const thresholdEvents = 0x0a95;
const everyState = 0x7fff;
const settableFrom = 8;

function properties(sensor: MakeSensor): SensorProperties {
  const isAnalog = sensor.thresholds !== undefined;
  return {
    initialization: {
      scanningAtPowerUp: true,
      eventsAtPowerUp: true,
      setsType: true,
      setsHysteresis: false,
      setsThresholds: isAnalog,
      setsEvents: true,
      setsScanning: true,
      settable: false,
    },
    ignoreWhenEntityAbsent: false,
    autoReArm: true,
    hysteresisAccess: isAnalog ? 'readable' : 'none',
    thresholdAccess: isAnalog ? 'settable' : 'none',
    eventControl: 'per threshold or state',
    sensorType: sensor.sensorType,
    eventType: sensor.eventType,
    assertionMask: isAnalog ? thresholdEvents : everyState,
    deassertionMask: isAnalog ? thresholdEvents : everyState,
    readingMask: isAnalog ? everyThreshold | (everyThreshold << settableFrom) : everyState,
    units: {
      format: isAnalog ? 'unsigned' : 'none',
      rate: 'none',
      modifierUse: 'none',
      percentage: false,
      base: sensor.unit,
      modifier: 0,
    },
  };
}

/** The record without its header. */
export function sensorRecord(sensor: MakeSensor): FullSensor | CompactSensor {
  const common = {
    ...properties(sensor),
    ...{ ownerId: bmcAddress, channel: 0, lun: 0, entityIsContainer: false },
    sensorNumber: sensor.number,
    entityId: sensor.entityId,
    entityInstance: 1,
    ...{ direction: 'input' as const, positiveHysteresis: 0, negativeHysteresis: 0, oem: 0 },
    id: { text: sensor.name, encoding: '8-bit ASCII' as const },
  };
  const { thresholds } = sensor;
  if (thresholds === undefined) {
    return {
      type: 'compact sensor',
      ...common,
      ...{ shareCount: 1, idModifier: 'numeric', idModifierOffset: 0, entityInstanceIncrements: false },
    };
  }
  return {
    type: 'full sensor',
    ...common,
    linearization: 0,
    factors: {
      ...{ m: sensor.m, b: 0, bExponent: 0, rExponent: sensor.exponent },
      ...{ tolerance: 0, accuracy: 0, accuracyExponent: 0 },
    },
    ...{ nominal: undefined, normalMaximum: undefined, normalMinimum: undefined },
    ...{ sensorMaximum: 0xff, sensorMinimum: 0 },
    thresholds,
  };
}
