// Reads an operator's policy file: rules by name in YAML (or JSON, which is YAML), as oslo.policy has them.
import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import { CheckSyntaxError, parseCheck, parseCheckList } from './language.ts';
import type { OwnRule } from './policy.ts';

/** A policy file that can not be used; `message` says which rule of which file, and why. */
export class PolicyFileError extends Error {}

/** The rules of a file. @throws PolicyFileError */
export function readPolicyFile(path: string): ReadonlyMap<string, OwnRule> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new PolicyFileError(
      `The policy file ${path} (api.policy_file) can not be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  return parsePolicy(text, path);
}

/** The rules of a file's text; `path` is for messages. @throws PolicyFileError */
export function parsePolicy(text: string, path: string): ReadonlyMap<string, OwnRule> {
  const document = parseDocument(text, { uniqueKeys: true });
  const [problem] = document.errors;
  if (problem !== undefined) {
    throw new PolicyFileError(`The policy file ${path} is not YAML: ${problem.message}`);
  }
  const content: unknown = document.toJS() ?? {};
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new PolicyFileError(`The policy file ${path} has to be a mapping of rule names to checks.`);
  }
  return new Map(Object.entries(content).map(([name, value]) => [name, readRule(name, value, path)]));
}

function readRule(name: string, value: unknown, path: string): OwnRule {
  try {
    if (typeof value === 'string') {
      return { text: value, check: parseCheck(value) };
    }
    if (Array.isArray(value)) {
      return { text: JSON.stringify(value), check: parseCheckList(value) };
    }
  } catch (error) {
    if (error instanceof CheckSyntaxError) {
      throw new PolicyFileError(`The rule "${name}" of the policy file ${path} can not be read. ${error.message}`);
    }
    throw error;
  }
  throw new PolicyFileError(
    `The rule "${name}" of the policy file ${path} is ${JSON.stringify(value)}; allowed: text in the check language, or a list.`,
  );
}
