// The profiles of switches, by name.
import type { SwitchProfile } from '../profile.ts';
import { aristaEos } from './arista-eos.ts';
import { arubaAoscx } from './aruba-aoscx.ts';
import { ciscoIos } from './cisco-ios.ts';
import { ciscoNxos } from './cisco-nxos.ts';
import { cumulusNvue } from './cumulus-nvue.ts';
import { dellOs10 } from './dell-os10.ts';
import { juniperJunos } from './juniper-junos.ts';

export const profiles: readonly SwitchProfile[] = [
  aristaEos,
  arubaAoscx,
  ciscoIos,
  ciscoNxos,
  cumulusNvue,
  dellOs10,
  juniperJunos,
];

/** The profile of this name, or undefined. */
export const findProfile = (name: string): SwitchProfile | undefined => profiles.find((each) => each.name === name);
