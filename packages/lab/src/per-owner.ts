// State that something has only once somebody asked for it: thousands of idle ones cost nothing.

/** A maker of functions that make the state of an owner the first time, and give the same ever after. */
export const perOwner =
  <Owner extends object>() =>
  <State>(make: (owner: Owner) => State): ((owner: Owner) => State) => {
    const states = new WeakMap<Owner, { readonly state: State }>();
    return (owner) => {
      const known = states.get(owner);
      if (known !== undefined) return known.state;
      const state = make(owner);
      states.set(owner, { state });
      return state;
    };
  };
