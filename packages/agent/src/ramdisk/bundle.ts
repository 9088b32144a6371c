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
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    write: false,
    // Some of the bundled libraries are CommonJS and ask for Node's own modules.
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
    logLevel: 'error',
  });
  const output = result.outputFiles[0];
  if (output === undefined) throw new Error('esbuild made no output of the agent');
  return Buffer.from(output.contents);
}
