// The extension log: packs what helps to understand a failure.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentContext, Extension } from './extension.ts';
import { synchronous } from './extension.ts';

/** What is asked of the system, by the name of the file it goes to. */
const REPORTS: { [file: string]: [string, ...string[]] } = {
  dmesg: ['dmesg'],
  ps: ['ps'],
  df: ['df', '-h'],
  lsblk: ['lsblk', '--output', 'NAME,TYPE,SIZE,MODEL,SERIAL,FSTYPE,LABEL,RO,ROTA'],
  'ip-address': ['ip', 'address'],
  'ip-route': ['ip', 'route'],
  modules: ['cat', '/proc/modules'],
  memory: ['cat', '/proc/meminfo'],
  mdstat: ['cat', '/proc/mdstat'],
  efibootmgr: ['efibootmgr', '--verbose'],
};

async function report(agent: AgentContext, [program, ...args]: [string, ...string[]]): Promise<string> {
  try {
    const { stdout, stderr } = await agent.run(program, args, { timeoutSeconds: 30 });
    return stdout + stderr;
  } catch (error) {
    // That a report is not to be had is itself worth knowing.
    return `${error instanceof Error ? error.message : error}\n`;
  }
}

/** `log.collect_system_logs`: base64 of a gzipped tar. */
export function logExtension(agent: AgentContext): Extension {
  return {
    name: 'log',
    commands: {
      collect_system_logs: synchronous(async () => {
        const directory = await mkdtemp(join(tmpdir(), 'logs-'));
        try {
          await writeFile(join(directory, 'agent'), `${agent.log.lines().join('\n')}\n`);
          for (const [file, command] of Object.entries(REPORTS)) {
            await writeFile(join(directory, file), await report(agent, command));
          }
          const archive = join(directory, 'logs.tar.gz');
          await agent.run('tar', ['-czf', archive, '-C', directory, 'agent', ...Object.keys(REPORTS)]);
          return { system_logs: (await readFile(archive)).toString('base64') };
        } finally {
          await rm(directory, { recursive: true, force: true });
        }
      }),
    },
  };
}
