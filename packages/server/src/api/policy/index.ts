// What the command line uses of the policy: the rules in force, what is odd about them, and why they answer as they do.
export { anonymousCaller, type Caller, scopeOf } from './caller.ts';
export type { Target } from './evaluate.ts';
export { PolicyFileError } from './file.ts';
export { openPolicy } from './open.ts';
