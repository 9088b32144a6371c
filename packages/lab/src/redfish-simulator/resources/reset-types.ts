// What each reset type does to a machine (ComputerSystem, ResetType).
import type { PowerChange } from '../machine/machine.ts';

export const powerChanges: Readonly<Record<string, PowerChange>> = {
  On: 'on',
  ForceOn: 'on',
  ForceOff: 'off',
  GracefulShutdown: 'soft off',
  ForceRestart: 'restart',
  GracefulRestart: 'soft restart',
  PowerCycle: 'cycle',
  PushPowerButton: 'button',
  Nmi: 'interrupt',
};
