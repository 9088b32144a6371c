// What users of the library see.

export * from './commands/index.ts';
export { completionCodeText } from './completion-codes.ts';
export type { Connection, Request, RequestOptions } from './connection.ts';
export * from './errors.ts';
