// Reads what the name of a migration says: its level, and how new a program has to be for what it takes away.
import { migrations } from './migrations/index.ts';

/** "0042-remove-WHAT-after-0037": programs of level 37 and later do without what the migration takes away. */
const removal = /^\d{4}-remove-.+-after-(\d{4})$/;

/** The number at the head of a migration's name. */
export function levelOf(name: string): number {
  return Number(name.slice(0, 4));
}

/** The lowest level of a program that works with a database after this migration; 0 for one that only adds. */
export function neededLevel(name: string): number {
  return Number(removal.exec(name)?.[1] ?? 0);
}

/** The level of the newest migration that a program knows, by default this one. */
export function programLevel(known: Readonly<Record<string, unknown>> = migrations): number {
  return Math.max(...Object.keys(known).map(levelOf));
}
