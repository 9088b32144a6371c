// What users of the library see.

export * from './commands/index.ts';
export { completionCodeText } from './completion-codes.ts';
export type { Connection, Request, RequestOptions } from './connection.ts';
export * from './errors.ts';
export { manufacturerName } from './manufacturers.ts';
export * from './quirks.ts';
export { type Client, createClient, type PingOptions } from './session/client.ts';
export type { SessionOptions, Unprotected, V15Authentication } from './session/options.ts';
export type { BridgeTarget } from './session/route.ts';
export type { Session } from './session/session.ts';
export { activateSol, type SolOptions, type SolStream } from './session/sol.ts';
