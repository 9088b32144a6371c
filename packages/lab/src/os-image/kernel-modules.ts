// Picks kernel modules with all that they need, in the order in which they can be loaded.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

export interface KernelModule {
  name: string;
  path: string;
}

const moduleSuffix = '.ko';

/** The kernel treats - and _ in module names alike; file names have either. */
function moduleName(name: string): string {
  return name.replaceAll('-', '_');
}

/** Modules that a module names in its .modinfo section ("depends=a,b"), which lies in the file as plain text. */
export function dependenciesOf(module: Buffer): string[] {
  const key = Buffer.from('\0depends=');
  const start = module.indexOf(key);
  if (start === -1) return [];
  const end = module.indexOf(0, start + key.length);
  const text = module.subarray(start + key.length, end).toString('latin1');
  return text === '' ? [] : text.split(',').map(moduleName);
}

/**
 * The wanted modules and their dependencies, dependencies first. `directory` is lib/modules/RELEASE of an unpacked
 * kernel package. Throws when a module is missing; one that is built into the kernel is no module and left out.
 */
export function selectModules(directory: string, wanted: string[]): KernelModule[] {
  const paths = new Map<string, string>();
  for (const entry of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    if (entry.endsWith(moduleSuffix)) paths.set(moduleName(basename(entry, moduleSuffix)), join(directory, entry));
  }
  const builtIn = new Set(
    readFileSync(join(directory, 'modules.builtin'), 'utf8')
      .split('\n')
      .map((line) => moduleName(basename(line, moduleSuffix))),
  );
  const selected = new Map<string, KernelModule>();
  const select = (name: string) => {
    if (selected.has(name) || builtIn.has(name)) return;
    const path = paths.get(name);
    if (path === undefined) throw new Error(`kernel module ${name} is not in ${directory}`);
    for (const dependency of dependenciesOf(readFileSync(path))) select(dependency);
    selected.set(name, { name, path });
  };
  for (const name of wanted) select(moduleName(name));
  return [...selected.values()];
}
