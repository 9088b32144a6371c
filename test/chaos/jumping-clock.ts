// Preloaded into a process whose wall clock is to jump: SIGUSR2 makes it read by how many milliseconds it is wrong from now on.
import { readFileSync } from 'node:fs';

const RealDate = Date;
let wrongBy = 0;

// What asks for the present moment gets the wrong one; moments that are spelled out stay what they are.
globalThis.Date = new Proxy(RealDate, {
  construct: (target, given, newTarget) =>
    Reflect.construct(target, given.length === 0 ? [target.now() + wrongBy] : given, newTarget),
  get: (target, property, receiver) =>
    property === 'now' ? () => target.now() + wrongBy : Reflect.get(target, property, receiver),
});

const file = process.env.WROUGHT_CHAOS_CLOCK;
if (file !== undefined) {
  process.on('SIGUSR2', () => {
    wrongBy = Number(readFileSync(file, 'utf8'));
  });
}
