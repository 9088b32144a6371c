// What the outside sees of Wrought: fields, states, steps, errors and the agent protocol, as typed data without I/O.
export * from './agent-protocol.ts';
export * from './console-ends.ts';
export * from './errors.ts';
export * from './field.ts';
export * from './hardware.ts';
export { isRuleLogLevel, MAXIMUM_REGEX_CHARACTERS } from './inspection-rule-arguments.ts';
export { argumentsOf, type RuleAction, type RuleCondition, type RuleLoop, readOperator } from './inspection-rules.ts';
export * from './interfaces.ts';
export * from './microversions.ts';
export * from './objects.ts';
export * from './outgoing-events.ts';
export * from './policy/index.ts';
export * from './possible-verbs.ts';
export * from './resources/index.ts';
export * from './states.ts';
export * from './steps.ts';
export * from './version-page.ts';
