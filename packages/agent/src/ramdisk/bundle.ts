// Bundles the agent into one file: stripping and linking many files costs seconds on slow machines.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** @returns the agent as one ES module. */
export async function bundleAgent(): Promise<Buffer> {
  const folder = fileURLToPath(new URL('..', import.meta.url));
  const result = await build({
    // Paths in the bundle are told from here, wherever the build was started.
    absWorkingDir: folder,
    entryPoints: [`${folder}main.ts`],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node26',
    // A machine that is emulated parses slowly.
    minify: true,
    legalComments: 'none',
    write: false,
    logLevel: 'error',
  });
  const output = result.outputFiles[0];
  if (output === undefined) throw new Error('esbuild made no output of the agent');
  return Buffer.from(output.contents);
}
