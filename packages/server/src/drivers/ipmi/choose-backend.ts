// The backend that the configuration names, asked for each command: a reload takes effect with the next one.
import type { Task } from '../kit/index.ts';
import type { IpmiBackend } from './backend.ts';
import type { BmcCalls } from './bmc-calls.ts';
import { ipmitoolBackend } from './ipmitool/backend.ts';
import type { NativeIpmi } from './native/index.ts';

/** Both of them over the same calls: to one BMC they go in turn, whichever makes them. */
export function chooseBackend(calls: BmcCalls, native: () => Promise<NativeIpmi>): IpmiBackend {
  const ipmitool = ipmitoolBackend(calls);
  const of = async (task: Task) => (task.config.ipmi.backend === 'ipmitool' ? ipmitool : (await native()).backend);
  return {
    deviceIds: async (task) => (await of(task)).deviceIds(task),
    powerState: async (task) => (await of(task)).powerState(task),
    controlPower: async (task, control) => (await of(task)).controlPower(task, control),
    setBootDevice: async (task, wish) => (await of(task)).setBootDevice(task, wish),
    keepBootDevice: async (task) => (await of(task)).keepBootDevice(task),
    bootDevice: async (task) => (await of(task)).bootDevice(task),
    sendRaw: async (task, bytes) => (await of(task)).sendRaw(task, bytes),
    resetBmc: async (task, manner) => (await of(task)).resetBmc(task, manner),
    identify: async (task, isOn) => (await of(task)).identify(task, isOn),
    identifyState: async (task) => (await of(task)).identifyState(task),
    sensors: async (task) => (await of(task)).sensors(task),
  };
}
