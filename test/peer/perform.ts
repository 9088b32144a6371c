// Runs the commands of the real client against both servers, and tells where exit codes and output differ.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { differences } from '../conformance/compare.ts';
import { expand } from '../conformance/placeholders.ts';
import type { Outcome } from '../conformance/replay.ts';
import { NEWEST } from '../conformance/server.ts';
import { createWire } from '../conformance/wire.ts';
import { type BaremetalClient, type CommandResult, startBaremetalClient } from './baremetal.ts';
import { commands, raid, resources } from './commands.ts';
import { generalise, type Sides, withoutTexts } from './expectation.ts';
import type { Pair } from './pair.ts';
import { PEER_NEWEST, untilAtRest } from './play.ts';

/** Where the allowed differences are. */
export const commandDepartures = fileURLToPath(new URL('departures/commands/', import.meta.url));

export interface Performance {
  readonly outcomes: readonly Outcome[];
  /** Commands of the client that the list does not have. */
  readonly missed: readonly string[];
}

/** A conflict is not tried for long: which of them are conflicts is part of what is compared. */
const clientOptions = ['--max-retries', '1', '--retry-interval', '1'];

/** Runs them all; places are "COMMAND:N", the N-th use of a command ("node-list:2"). */
export async function performCommands(pair: Pair): Promise<Performance> {
  const directory = mkdtempSync(join(tmpdir(), 'wrought-commands-'));
  const file = join(directory, 'resources.json');
  writeFileSync(file, JSON.stringify(resources));
  const client = await startBaremetalClient();
  const wires = [pair.ironic, pair.wrought].map(createWire);
  const sides: Sides = { ...pair, newest: NEWEST, peerNewest: PEER_NEWEST };
  const uses = new Map<string, number>();
  const outcomes: Outcome[] = [];
  try {
    for (const line of commands) {
      const argv = expand(line, { resources: file, raid: JSON.stringify(raid) }).split(' ');
      const name = nameOf(client, argv);
      const isJson = client.commands.get(name) === true;
      const given = [...clientOptions, ...argv, ...(isJson ? ['-f', 'json'] : [])];
      const theirs = await client.run(pair.ironic, given);
      const ours = await client.run(pair.wrought, given);
      const use = (uses.get(name) ?? 0) + 1;
      uses.set(name, use);
      outcomes.push({
        at: `${name.replaceAll(' ', '-')}:${use}`,
        method: 'baremetal',
        path: line,
        version: null,
        departures: resultDepartures(theirs, ours, isJson, sides),
      });
      await Promise.all(wires.map((wire) => untilAtRest(wire)));
    }
  } finally {
    for (const wire of wires) wire.close();
    await client.stop();
    rmSync(directory, { recursive: true, force: true });
  }
  return { outcomes, missed: [...client.commands.keys()].filter((name) => !uses.has(name)) };
}

/** The longest command that the arguments begin with. */
function nameOf(client: BaremetalClient, argv: readonly string[]): string {
  for (let length = argv.length; length > 0; length -= 1) {
    const name = argv.slice(0, length).join(' ');
    if (client.commands.has(name)) return name;
  }
  throw new Error(`the client has no command "${argv.join(' ')}"`);
}

function resultDepartures(theirs: CommandResult, ours: CommandResult, isJson: boolean, sides: Sides): string[] {
  if (theirs.code !== ours.code) {
    return [`exit code ${theirs.code} (${lastLine(theirs)}), seen ${ours.code} (${lastLine(ours)})`];
  }
  const isQuiet = [theirs, ours].map(({ stderr }) => stderr.trim() === '');
  const said = isQuiet[0] === isQuiet[1] ? [] : [`stderr ${lastLine(theirs)}, seen ${lastLine(ours)}`];
  const expected = generalise(theirs.stdout, sides);
  const [wanted, seen] =
    isJson && theirs.code === 0
      ? [withoutTexts(JSON.parse(expected)), JSON.parse(ours.stdout)]
      : [expected, ours.stdout];
  return [...said, ...differences(wanted, seen, new Map(), 'output', true)];
}

function lastLine({ stdout, stderr }: CommandResult): string {
  return (stderr.trim() || stdout.trim()).split('\n').at(-1) ?? '';
}
