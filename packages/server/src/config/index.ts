// The configuration as the rest of the server and the command line see it.
export { defaultDataDirectory } from './data-directory.ts';
export { type Config, type LoadOptions, loadConfig } from './load.ts';
export { type Network, parseNetwork } from './networks.ts';
export type { Delay } from './option.ts';
export { ConfigError, type ConfigProblem, formatProblem } from './problem.ts';
export { configReference } from './reference.ts';
export { type Reload, reloadConfig } from './reload.ts';
export { configWarnings, isLoopback } from './rules.ts';
export { sampleConfig, showConfig } from './sample.ts';
export { parseAddress } from './value.ts';
