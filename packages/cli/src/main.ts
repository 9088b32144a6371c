// Entry point of the wrought command; it loads the rest only after the compile cache is on.
import { enableCompileCache } from 'node:module';

enableCompileCache();

const { run } = await import('./program.ts');
process.exitCode = await run(process.argv.slice(2));
