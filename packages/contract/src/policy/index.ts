// Who may do what: the rules of the API as data.
export * from './checks.ts';
export * from './rules.ts';
