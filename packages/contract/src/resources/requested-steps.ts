// Reads the steps that users and templates ask for.
import { stepInterfaces } from '../steps.ts';
import { findProblemInList, type Members } from './members.ts';
import { isJsonObject, type Reading } from './value.ts';

const isText = (value: unknown) => typeof value === 'string' && value !== '';
const isCount = (value: unknown) =>
  (Number.isInteger(value) && (value as number) >= 0) || (typeof value === 'string' && /^\d+$/.test(value));
const isUuidList = (value: unknown) => Array.isArray(value) && value.every((item) => typeof item === 'string');

const stepInterface = {
  required: true,
  allowed: `one of ${stepInterfaces.join(', ')}`,
  test: (value: unknown) => (stepInterfaces as readonly unknown[]).includes(value),
} as const;
const step = { required: true, allowed: 'the name of a step', test: isText } as const;
const count = { allowed: 'an integer from 0 up', test: isCount } as const;

const cleanStep: Members = {
  interface: stepInterface,
  step,
  args: { allowed: 'an object', test: isJsonObject },
  order: count,
  execute_on_child_nodes: { allowed: 'true or false', test: (value) => typeof value === 'boolean' },
  limit_child_node_execution: { allowed: 'a list of node UUIDs', test: isUuidList },
};

const runbookStep: Members = {
  interface: stepInterface,
  step,
  args: { allowed: 'an object', test: isJsonObject },
  order: { ...count, required: true },
};

const deployStep: Members = {
  interface: stepInterface,
  step,
  args: { required: true, allowed: 'an object', test: isJsonObject },
  priority: { ...count, required: true },
};

function readSteps(value: readonly unknown[], members: Members): Reading {
  const problem = findProblemInList(value, members);
  if (problem !== undefined) {
    return problem;
  }
  const steps = (value as readonly Record<string, unknown>[]).map((item) => {
    const numbers = Object.entries(item).map(([key, member]) =>
      key === 'priority' || key === 'order' ? [key, Number(member)] : [key, member],
    );
    return Object.fromEntries(numbers) as Record<string, unknown>;
  });
  return { ok: true, value: steps };
}

/** Reads clean (and service) steps; digits in `order` become numbers. */
export function readCleanSteps(value: readonly unknown[]): Reading {
  return readSteps(value, cleanStep);
}

/** Reads deploy steps of a provision request: each names interface, step, args and priority. */
export function readUserDeploySteps(value: readonly unknown[]): Reading {
  return readSteps(value, deployStep);
}

/** Reads steps of which there is at least one, and no step of an interface twice. */
function readUniqueSteps(value: readonly unknown[], members: Members): Reading {
  if (value.length === 0) {
    return { ok: false };
  }
  const reading = readSteps(value, members);
  if (!reading.ok) {
    return reading;
  }
  const seen = new Set<string>();
  for (const [index, item] of (reading.value as Record<string, unknown>[]).entries()) {
    const name = `${item.interface}.${item.step}`;
    if (seen.has(name)) {
      return { ok: false, at: `[${index}]`, found: name, allowed: 'each interface and step only once' };
    }
    seen.add(name);
  }
  return reading;
}

/** Reads the steps of a deploy template. */
export function readDeploySteps(value: readonly unknown[]): Reading {
  return readUniqueSteps(value, deployStep);
}

/** Reads the steps of a runbook: each names interface, step and order. */
export function readRunbookSteps(value: readonly unknown[]): Reading {
  return readUniqueSteps(value, runbookStep);
}
