// The backend that the configuration names, asked for each command: a reload takes effect with the next one.
import type { BmcCallObserver, BmcWatcher, Task } from '../kit/index.ts';
import type { IpmiBackend } from './backend.ts';
import { createBmcCalls } from './bmc-calls.ts';
import { ipmitoolBackend } from './ipmitool/backend.ts';
import { nativeBackend } from './native/backend.ts';
import type { Sessions } from './native/sessions.ts';

/** Makes both; calls to one BMC go in turn, whichever of them makes them. */
export function chooseBackend(sessions: Sessions, observe?: BmcCallObserver, watch?: BmcWatcher): IpmiBackend {
  const calls = createBmcCalls(observe, watch);
  const backends = { native: nativeBackend(calls, sessions), ipmitool: ipmitoolBackend(calls) } as const;
  const of = (task: Task) => backends[task.config.ipmi.backend];
  return {
    powerState: (task) => of(task).powerState(task),
    controlPower: (task, control) => of(task).controlPower(task, control),
    setBootDevice: (task, wish) => of(task).setBootDevice(task, wish),
    keepBootDevice: (task) => of(task).keepBootDevice(task),
    bootDevice: (task) => of(task).bootDevice(task),
    sendRaw: (task, bytes) => of(task).sendRaw(task, bytes),
    resetBmc: (task, manner) => of(task).resetBmc(task, manner),
    identify: (task, isOn) => of(task).identify(task, isOn),
    identifyState: (task) => of(task).identifyState(task),
    sensors: (task) => of(task).sensors(task),
  };
}
