// Regular expressions of rules, matched in time that is linear in the text, so that none of them can hold the server up.
import { argumentsOf, type RuleCondition } from '@wrought/contract';

/** Longest text that is matched. */
const MAXIMUM_TEXT_CHARACTERS = 65_536;

/** Why a regular expression can not be used. */
export class RegexProblem extends Error {}

/** Loaded with the first rule that needs it. */
const engine = () => import('re2js');

async function compile(regex: string) {
  const { RE2JS, RE2JSException } = await engine();
  try {
    return RE2JS.compile(regex);
  } catch (error) {
    if (error instanceof RE2JSException) {
      throw new RegexProblem(
        `the regular expression ${JSON.stringify(regex)} can not be used (${error.message}); allowed: the syntax of RE2, ` +
          'which has neither look-around nor back-references',
      );
    }
    throw error;
  }
}

/** The regular expressions in conditions are checked when a rule is written. @throws RegexProblem */
export async function checkRegexes(conditions: unknown): Promise<void> {
  for (const condition of (conditions ?? []) as readonly RuleCondition[]) {
    const { regex } = argumentsOf(condition);
    if (typeof regex === 'string') {
      await compile(regex);
    }
  }
}

/** Whether the regular expression matches the whole text, or a part of it. @throws RegexProblem */
export async function matchesRegex(regex: string, text: string, extent: 'whole' | 'part'): Promise<boolean> {
  const compiled = await compile(regex);
  if (text.length > MAXIMUM_TEXT_CHARACTERS) {
    throw new RegexProblem(
      `the text to match has ${text.length} characters; allowed: at most ${MAXIMUM_TEXT_CHARACTERS}. Look at a smaller part of it`,
    );
  }
  return extent === 'whole' ? compiled.matches(text) : compiled.matcher(text).find();
}
