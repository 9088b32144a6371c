// Entry point in the ramdisk: settings from the kernel command line and a drive with parameters, overridden by `name=value` arguments; or, as
// `network FILE`, the set-up of the network before it.
import { existsSync, readFileSync } from 'node:fs';
import { startAgent } from './agent.ts';
import { createLog } from './log.ts';
import { run } from './process.ts';
import { setUpNetwork } from './set-up-network.ts';
import { type AgentSettings, readSettings } from './settings.ts';

/** As shells number it: 128 and SIGTERM. */
const STOPPED_BY_SIGNAL = 143;

/** The kernel command line, and what parameters.sh of the ramdisk took from a drive. */
const PARAMETER_FILES = ['/proc/cmdline', '/run/parameters.txt'];

function settingsOrExit(): AgentSettings {
  try {
    const parameters = PARAMETER_FILES.filter(existsSync).map((path) => readFileSync(path, 'utf8'));
    return readSettings(parameters.join('\n'), process.argv.slice(2));
  } catch (error) {
    process.stdout.write(`[agent] ${error instanceof Error ? error.message : error}\n`);
    return process.exit(1);
  }
}

function runAgent(): void {
  const settings = settingsOrExit();
  const log = createLog((line) => process.stdout.write(`${line}\n`), settings.debug);
  const stopping = new AbortController();

  startAgent({ settings, log, run }, stopping.signal).then(
    (agent) => {
      // The ramdisk starts an agent again that ends in any other way.
      const stop = (): void => {
        agent.stop().then(
          () => process.exit(STOPPED_BY_SIGNAL),
          () => process.exit(1),
        );
      };
      agent.lockedDown.then(
        () => process.exit(0),
        () => process.exit(1),
      );
      process.once('SIGTERM', stop);
      process.once('SIGINT', stop);
    },
    (error: unknown) => {
      log.warning(`the agent ends: ${error instanceof Error ? error.message : error}`);
      // The ramdisk starts it again.
      process.exit(1);
    },
  );
}

const [task, file] = process.argv.slice(2);
if (task === 'network' && file !== undefined) {
  await setUpNetwork(file);
} else {
  runAgent();
}
