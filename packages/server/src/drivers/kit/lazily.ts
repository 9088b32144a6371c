// Functions of a part of the program that is loaded when the first of them is called: what nobody uses costs no memory.

/** A part whose functions are all asynchronous. */
type Loadable<Names extends string> = { readonly [Name in Names]: (...args: never[]) => Promise<unknown> };

/** Functions of these names that load the part and call its own. */
export function lazily<Names extends string, Part extends Loadable<Names>>(
  load: () => Promise<Part>,
  names: readonly Names[],
): Pick<Part, Names> {
  const functions = names.map((name) => [
    name,
    async (...args: never[]) => {
      const part = await load();
      return part[name](...args);
    },
  ]);
  return Object.fromEntries(functions) as Pick<Part, Names>;
}
