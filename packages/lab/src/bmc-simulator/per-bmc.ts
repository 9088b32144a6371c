// State that a BMC has only once somebody asked for it: thousands of idle BMCs cost nothing.
import type { Bmc } from './bmc.ts';

/** A function that makes the state of a BMC the first time, and gives the same ever after. */
export function perBmc<State>(make: (bmc: Bmc) => State): (bmc: Bmc) => State {
  const states = new WeakMap<Bmc, { readonly state: State }>();
  return (bmc) => {
    const known = states.get(bmc);
    if (known !== undefined) return known.state;
    const state = make(bmc);
    states.set(bmc, { state });
    return state;
  };
}
