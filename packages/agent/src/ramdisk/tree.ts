// Puts the two parts of the ramdisk together: the base from packages, and what is ours.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Run } from '../process.ts';
import type { Tree } from './cpio.ts';
import { trimElf } from './elf.ts';
import { addModules } from './modules.ts';
import { addLibraries, addPrograms, openPackageFiles } from './programs.ts';

const FILES = fileURLToPath(new URL('./files/', import.meta.url));

/** Directories that must be there before anything is mounted on them. */
const DIRECTORIES = ['dev', 'etc', 'mnt', 'proc', 'root', 'run', 'sys', 'tmp', 'var'] as const;
const ETC_FILES: { [path: string]: string } = {
  'etc/passwd':
    'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\ntcpdump:x:100:100::/:/bin/false\n',
  'etc/group': 'root:x:0:\ntty:x:5:\ndisk:x:6:\nnogroup:x:65534:\ntcpdump:x:100:\n',
  'etc/hosts': '127.0.0.1 localhost\n::1 localhost\n',
  'etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
};

/** Makes the part that comes from packages: programs, libraries, kernel modules and Node. */
export async function makeBaseTree(
  run: Run,
  packageFolders: readonly string[],
  kernelPackage: string,
  nodeBinary: string,
): Promise<Tree> {
  const tree: Tree = new Map();
  for (const path of DIRECTORIES) tree.set(path, { kind: 'directory', mode: path === 'tmp' ? 0o1777 : 0o755 });
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) tree.set(name, { kind: 'link', target: `usr/${name}` });
  tree.set('var/run', { kind: 'link', target: '/run' });
  // The kernel opens the console before anything could make its device.
  tree.set('dev/console', { kind: 'character-device', mode: 0o600, major: 5, minor: 1 });
  tree.set('dev/null', { kind: 'character-device', mode: 0o666, major: 1, minor: 3 });
  for (const [path, text] of Object.entries(ETC_FILES)) {
    tree.set(path, { kind: 'file', mode: 0o644, content: Buffer.from(text) });
  }
  const files = openPackageFiles(packageFolders);
  addPrograms(files, tree);
  const node = trimElf(readFileSync(nodeBinary));
  tree.set('usr/bin/node', { kind: 'file', mode: 0o755, content: node });
  addLibraries(files, tree, 'usr/bin/node', node);
  await addModules(run, kernelPackage, tree);
  return tree;
}

/** Makes the part that is ours: the first process, its scripts and the agent. */
export function makeAgentTree(agentBundle: Buffer): Tree {
  const file = (name: string, mode: number) =>
    ({ kind: 'file', mode, content: readFileSync(`${FILES}${name}`) }) as const;
  const script = (name: string) => file(name, 0o755);
  return new Map([
    ['init', script('init.sh')],
    ['usr/lib/wrought/parameters.sh', script('parameters.sh')],
    ['usr/lib/udev/rules.d/99-wrought-parameters.rules', file('parameters.rules', 0o644)],
    ['usr/lib/wrought/network.sh', script('network.sh')],
    ['usr/lib/wrought/dhcp.sh', script('dhcp.sh')],
    ['usr/lib/wrought/rescue.sh', script('rescue.sh')],
    // The path is busybox's name for the event.
    ['etc/acpi/PWRF/00000080', script('power-button.sh')],
    ['usr/lib/wrought/agent.mjs', { kind: 'file', mode: 0o644, content: agentBundle }],
  ]);
}
