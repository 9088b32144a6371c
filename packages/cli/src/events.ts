// `wrought events`: follows what changes, until it is interrupted.
import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import { parseCount } from './arguments.ts';
import { isPassing } from './command-error.ts';
import type { Context } from './context.ts';
import { createEventReader } from './event-stream.ts';
import { cell, type Resource } from './output.ts';

const RECONNECT_MILLISECONDS = 1_000;

interface Options {
  readonly node?: string;
  readonly type?: string;
  readonly after?: string;
  readonly json?: boolean;
  readonly count?: number;
}

export function define(noun: Command, context: Context): void {
  noun
    .option('--node <node>', 'only events of this node (UUID or name)')
    .option('--type <type>', 'only events of this type, or whose type begins with it: baremetal.node.power_set')
    .option('--after <number>', 'begin after the event of this number instead of now')
    .option('--count <number>', 'end after so many events', parseCount)
    .option('--json', 'one JSON object a line')
    .action((options: Options) => follow(options, context));
}

async function follow(options: Options, context: Context): Promise<void> {
  const client = await context.client();
  const isJson = options.json === true || context.options().format === 'json';
  const query = new URLSearchParams();
  for (const name of ['node', 'type', 'after'] as const) {
    const value = options[name];
    if (value !== undefined) {
      query.set(name, value);
    }
  }
  const path = `/wrought/v1/events${query.size > 0 ? `?${query}` : ''}`;
  let last: string | undefined;
  let left = options.count ?? Number.POSITIVE_INFINITY;
  let isConnected = false;
  const ended = new AbortController();
  const read = () =>
    createEventReader({
      onEvent({ data }) {
        if (left > 0) {
          left -= 1;
          context.print(isJson ? data : line(JSON.parse(data)));
        }
        if (left <= 0) {
          ended.abort();
        }
      },
      onPlace(id) {
        last = id;
      },
    });
  while (left > 0) {
    try {
      const onText = read();
      await client.follow(path, last, ended.signal, (text) => {
        isConnected = true;
        onText(text);
      });
    } catch (error) {
      // A server that was there comes back; one that never was has to be explained.
      if (!isConnected || !isPassing(error)) {
        throw error;
      }
      context.note(`${error.message}; trying again`);
    }
    if (left > 0) {
      await pause(RECONNECT_MILLISECONDS);
    }
  }
}

/** "16:02:11  node.power_set.end  NODE  to_power=power on". */
function line({ at, type, node, data }: Resource): string {
  const details = Object.entries(data as Resource)
    .filter(([name, value]) => name !== 'uuid' && name !== 'name' && value !== null)
    .map(([name, value]) => `${name}=${cell(value)}`);
  const { name, uuid } = data as Resource;
  const subject = name ?? uuid ?? node ?? '-';
  const time = new Date(String(at)).toTimeString().slice(0, 8);
  return [time, String(type).replace(/^baremetal\./, ''), String(subject), ...details].join('  ');
}
