// What an extension of the agent is: a name and its commands; each extension is a file of its own.
import type { AgentNode, CommandProgress, JsonObject, LookupConfig } from '@wrought/contract';
import type { Log } from '../log.ts';
import type { Run } from '../process.ts';
import type { AgentSettings } from '../settings.ts';

/** What commands may use: settings, tools, what the lookup told, and the ways to end the agent. */
export type AgentContext = {
  settings: AgentSettings;
  log: Log;
  run: Run;
  /** Where `/sys`, `/proc` and `/dev` are found: the empty text, but in tests. */
  systemRoot: string;
  /** The node of the last lookup or `poll.set_node_info`. */
  node: AgentNode | null;
  config: LookupConfig | null;
  /** Stops heartbeats at once, and the command server and the agent after the answer; keeps the machine running. */
  lockdown: () => void;
};

/** What a running command tells about itself. */
export type CommandJob = { report: (progress: CommandProgress['progress']) => void };

export type AgentCommand = {
  /** An asynchronous command is answered at once as RUNNING and followed by a heartbeat when it ends. */
  isAsynchronous: boolean;
  run: (params: JsonObject, job: CommandJob) => Promise<JsonObject | null>;
};

export type Extension = { name: string; commands: { [name: string]: AgentCommand } };

/** A command that is answered with its result. */
export function synchronous(run: AgentCommand['run']): AgentCommand {
  return { isAsynchronous: false, run };
}

/** A command that is answered at once and goes on by itself. */
export function asynchronous(run: AgentCommand['run']): AgentCommand {
  return { isAsynchronous: true, run };
}
