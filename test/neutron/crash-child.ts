// A process that does one thing to a node, and is killed on the way.
import { type Action, act, type CrashOptions, withConductor } from './crash-conductor.ts';

const { action, ...options } = JSON.parse(process.argv[2] ?? '{}') as CrashOptions & { readonly action: Action };
await withConductor(options, (running) => act(running, options, action));
