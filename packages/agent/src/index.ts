// What other packages may use of the agent: the agent itself, for tests and labs, and its parsers.
export { type AgentEnvironment, type RunningAgent, startAgent } from './agent.ts';
export { type ImageFormat, type InspectedImage, inspectImage, objectionToImage } from './image/format.ts';
export { createLog, type Log } from './log.ts';
export { ProgramError, type Run, type RunOptions, type RunResult, run } from './process.ts';
export { type AgentSettings, readSettings } from './settings.ts';
export { AGENT_VERSION } from './version.ts';
