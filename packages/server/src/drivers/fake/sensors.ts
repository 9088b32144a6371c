// The sensors of a fake machine: a temperature and a fan that follow its power, and a switch.
import type { SensorReading, Task } from '../kit/index.ts';
import { pretend } from './pretend.ts';

function reading(type: string, name: string, value: number, unit: string): SensorReading {
  const fields = {
    'Sensor ID': name,
    'Sensor Type (Threshold)': type,
    'Sensor Reading': `${value} ${unit}`,
    Status: 'ok',
  };
  return { type, name, value, unit, fields };
}

export async function getSensorsData(task: Task): Promise<readonly SensorReading[]> {
  await pretend(task, 'management');
  const isOn = task.node.power_state === 'power on';
  return [
    reading('Temperature', 'Inlet Temp (0x1)', isOn ? 24 : 20, 'degrees C'),
    reading('Fan', 'Fan 1 (0x2)', isOn ? 4200 : 0, 'RPM'),
    {
      type: 'Power',
      name: 'PS 1 Status (0x3)',
      value: null,
      unit: null,
      fields: { 'Sensor ID': 'PS 1 Status (0x3)', 'Sensor Type (Discrete)': 'Power Supply', 'Sensor Reading': '0h' },
    },
  ];
}
