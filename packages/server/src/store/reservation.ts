// Who has a node reserved, since when and for what: what whoever has to wait is told.
import type { Node } from '@wrought/contract';
import { secondsSince } from './time.ts';

/** The holder of a reserved node as errors name it; the age is in seconds. */
export function reservationOf({ reservation, reserved_at, reserved_for }: Node): {
  readonly host: string;
  readonly age: number;
  readonly purpose: string;
} {
  return { host: reservation ?? '', age: secondsSince(reserved_at) ?? 0, purpose: reserved_for ?? 'work' };
}
