// Hides from callers below the operators what is not theirs to read: errors, reservations and driver details of a node.
import type { PolicyRuleName } from '@wrought/contract';
import type { Row } from '../core/serialize.ts';
import { type Access, nodeTarget } from '../policy/access.ts';

/** Fields with a rule of their own, and whether they hold an object. */
const guarded = {
  last_error: { rule: 'baremetal:node:get:last_error', isObject: false },
  reservation: { rule: 'baremetal:node:get:reservation', isObject: false },
  driver_info: { rule: 'baremetal:node:get:driver_info', isObject: true },
  driver_internal_info: { rule: 'baremetal:node:get:driver_internal_info', isObject: true },
} as const satisfies Record<string, { rule: PolicyRuleName; isObject: boolean }>;

/** Columns that tell whose a node is, which a restricted view has to read. */
export const ownerColumns = ['owner', 'lessee'] as const;

/** Makes rows as this caller may read them. */
export function nodeRedaction(access: Access): (row: Row) => Row {
  if (!access.isRestricted || access.allows('baremetal:node:get:filter_threshold')) {
    return (row) => row;
  }
  return (row) => {
    const target = nodeTarget({ owner: row.owner as string | null, lessee: row.lessee as string | null });
    const hidden: Record<string, string> = {};
    for (const [field, { rule, isObject }] of Object.entries(guarded)) {
      if (field in row && row[field] !== null && !access.allows(rule, target)) {
        const text = `Hidden: reading it takes the policy rule ${rule}.`;
        hidden[field] = isObject ? JSON.stringify({ content: text }) : text;
      }
    }
    return { ...row, ...hidden };
  };
}
