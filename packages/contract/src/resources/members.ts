// Checks the members of objects inside requests: which there may be, which there have to be, and what each may hold.
import { isJsonObject, type Reading } from './value.ts';

export type Problem = Reading & { readonly ok: false };

interface Member {
  readonly required?: true;
  /** What is allowed, as the end of a sentence. */
  readonly allowed: string;
  readonly test: (value: unknown) => boolean;
}

export type Members = Readonly<Record<string, Member>>;

/** What is wrong with an object, or undefined; `at` is the place of the object in the request, such as "[0]". */
export function findProblem(item: unknown, at: string, members: Members): Problem | undefined {
  if (!isJsonObject(item)) {
    return { ok: false, at, found: item, allowed: 'an object' };
  }
  for (const key of Object.keys(item)) {
    if (!Object.hasOwn(members, key)) {
      const allowed = `only the keys ${Object.keys(members).join(', ')}`;
      return { ok: false, at: `${at}.${key}`, found: item[key], allowed };
    }
  }
  for (const [key, member] of Object.entries(members)) {
    const value = item[key];
    if (value === undefined ? member.required === true : !member.test(value)) {
      return { ok: false, at: `${at}.${key}`, found: value, allowed: member.allowed };
    }
  }
  return undefined;
}

/** What is wrong with the first object of a list that is wrong, or undefined. */
export function findProblemInList(list: readonly unknown[], members: Members): Problem | undefined {
  for (const [index, item] of list.entries()) {
    const problem = findProblem(item, `[${index}]`, members);
    if (problem !== undefined) {
      return problem;
    }
  }
  return undefined;
}
