// wrought node manage, provide, clean, deploy, ...: the verbs that move a node from state to state.
import { gzipSync } from 'node:zlib';
import type { ProvisionState, ProvisionVerb } from '@wrought/contract';
import { type Command, InvalidArgumentError } from 'commander';
import { ident, parseJson, readBytes } from '../arguments.ts';
import type { Context } from '../context.ts';
import { watchNode } from './watch.ts';

interface Verb {
  readonly name: string;
  readonly target: ProvisionVerb;
  readonly description: string;
  /** The state in which --wait ends well; undefined where it depends on what is ended. */
  readonly goal?: ProvisionState;
  /** Field of the request that takes --steps. */
  readonly steps?: 'clean_steps' | 'deploy_steps' | 'service_steps';
  readonly hasConfigDrive?: true;
  readonly hasRescuePassword?: true;
}

const verbs: readonly Verb[] = [
  {
    name: 'manage',
    target: 'manage',
    goal: 'manageable',
    description: 'verify the credentials and take the node over',
  },
  { name: 'provide', target: 'provide', goal: 'available', description: 'clean the node and make it available' },
  { name: 'inspect', target: 'inspect', goal: 'manageable', description: 'find out what hardware the node has' },
  {
    name: 'clean',
    target: 'clean',
    goal: 'manageable',
    description: 'run clean steps of your choice',
    steps: 'clean_steps',
  },
  {
    name: 'deploy',
    target: 'active',
    goal: 'active',
    description: 'write the image of instance_info to the node and boot it',
    steps: 'deploy_steps',
    hasConfigDrive: true,
  },
  {
    name: 'rebuild',
    target: 'rebuild',
    goal: 'active',
    description: 'deploy the node again',
    steps: 'deploy_steps',
    hasConfigDrive: true,
  },
  { name: 'undeploy', target: 'deleted', goal: 'available', description: 'take the node back and clean it' },
  { name: 'adopt', target: 'adopt', goal: 'active', description: 'take over a machine on which an instance runs' },
  {
    name: 'service',
    target: 'service',
    goal: 'active',
    description: 'run service steps of your choice on a node with an instance',
    steps: 'service_steps',
  },
  {
    name: 'rescue',
    target: 'rescue',
    goal: 'rescue',
    description: 'boot the rescue ramdisk',
    hasRescuePassword: true,
  },
  { name: 'unrescue', target: 'unrescue', goal: 'active', description: 'leave the rescue ramdisk' },
  { name: 'unhold', target: 'unhold', description: 'let a node go that a hold step keeps' },
  { name: 'abort', target: 'abort', description: 'stop what is under way, where that is safe' },
];

interface VerbOptions {
  readonly wait?: true;
  readonly steps?: unknown;
  readonly configDrive?: unknown;
  readonly password?: string;
}

export function defineProvision(noun: Command, context: Context): void {
  for (const verb of verbs) {
    const command = noun.command(verb.name).description(verb.description).argument('<node>');
    if (verb.steps !== undefined) {
      command.option('--steps <json>', 'list of steps, in place or as @FILE', parseJson);
    }
    if (verb.hasConfigDrive) {
      command.option('--config-drive <file or url>', 'ISO image, JSON description, or URL of one', readConfigDrive);
    }
    if (verb.hasRescuePassword) {
      command.requiredOption('--password <file>', 'file with the password of the rescue ramdisk', readPassword);
    }
    if (verb.goal !== undefined) {
      command.option('--wait', `show what happens until the node is ${verb.goal}, or it has failed`);
    }
    command.action((node: string, options: VerbOptions) => startVerb(context, verb, node, options));
  }
}

async function startVerb(context: Context, verb: Verb, node: string, options: VerbOptions): Promise<void> {
  const client = await context.client();
  const steps = verb.steps !== undefined && options.steps !== undefined ? { [verb.steps]: options.steps } : {};
  const configDrive = options.configDrive === undefined ? {} : { configdrive: options.configDrive };
  const password = options.password === undefined ? {} : { rescue_password: options.password };
  const body = { target: verb.target, ...steps, ...configDrive, ...password };
  await client.send('PUT', `/v1/nodes/${ident(node)}/states/provision`, body);
  if (options.wait && verb.goal !== undefined) {
    await watchNode(context, node, verb.goal);
  } else {
    context.note(`${node}: ${verb.name} requested; follow it with \`wrought node watch ${node}\``);
  }
}

/** From a file, so that the password is in no list of processes. */
function readPassword(file: string): string {
  return readBytes(file).toString('utf8').replace(/\n$/, '');
}

/** The forms that the API takes: a URL, a JSON object to build a drive from, or the gzipped image in base64. */
function readConfigDrive(text: string): unknown {
  if (/^https?:\/\//.test(text)) {
    return text;
  }
  const bytes = readBytes(text);
  if (bytes[0] === 0x7b) {
    try {
      return JSON.parse(bytes.toString('utf8'));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new InvalidArgumentError(`${text} begins like JSON and is not: ${reason}`);
    }
  }
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return (isGzip ? bytes : gzipSync(bytes)).toString('base64');
}
