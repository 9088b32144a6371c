// Decides whether the conditions of a rule hold: loops, opposites, and what their operators say.
import { argumentsOf, type RuleCondition, readOperator, SECRET_MASK } from '@wrought/contract';
import { OperatorProblem, operators } from './operators.ts';
import { fillIn, type ReferenceRules, viewsOfLoop } from './references.ts';
import { RegexProblem } from './regular-expression.ts';
import { type Rule, RuleFailure, type View } from './rule.ts';

/** What is not there is nothing: conditions may ask for it. */
const references: ReferenceRules = { missing: () => 'None', masked: () => SECRET_MASK };

async function holdsFor(condition: RuleCondition, view: View): Promise<boolean> {
  const { name, isInverted } = readOperator(condition.op);
  const operator = operators[name];
  if (operator === undefined) {
    throw new OperatorProblem(`there is no operator "${name}"; allowed: ${Object.keys(operators).join(', ')}`);
  }
  const args = fillIn(argumentsOf(condition), view, references) as Readonly<Record<string, unknown>>;
  return (await operator(args)) !== isInverted;
}

async function holds(condition: RuleCondition, view: View): Promise<boolean> {
  const views = viewsOfLoop(condition.loop, view, references);
  const { multiple = 'any' } = condition;
  const counted = multiple === 'first' ? views.slice(0, 1) : multiple === 'last' ? views.slice(-1) : views;
  for (const each of counted) {
    // One item decides: the first that holds for "any", the first that does not for "all".
    if ((await holdsFor(condition, each)) === (multiple !== 'all')) {
      return multiple !== 'all';
    }
  }
  return multiple === 'all';
}

/** Whether all conditions of the rule hold; none: always. @throws RuleFailure */
export async function conditionsHold(rule: Rule, view: View): Promise<boolean> {
  for (const [index, condition] of rule.conditions.entries()) {
    try {
      if (!(await holds(condition, view))) {
        return false;
      }
    } catch (error) {
      if (error instanceof OperatorProblem || error instanceof RegexProblem) {
        const why = rule.sensitive ? 'its arguments can not be used (the rule is sensitive)' : error.message;
        throw new RuleFailure(`${rule.title} could not be decided: in conditions[${index}], ${condition.op}, ${why}.`);
      }
      throw error;
    }
  }
  return true;
}
