// State that a BMC has only once somebody asked for it.
import { perOwner } from '../per-owner.ts';
import type { RedfishBmc } from './bmc.ts';

export const perBmc = perOwner<RedfishBmc>();
