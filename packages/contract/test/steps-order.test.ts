// The order of steps: by priority, then by interface, then by name.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { interfaceOrder, type StepKind, sortSteps, stepInterfaces } from '../src/index.ts';

const kinds = Object.keys(interfaceOrder) as StepKind[];

const step = fc.record(
  {
    interface: fc.constantFrom(...stepInterfaces, 'unheard_of', 'of_a_third_party'),
    step: fc.stringMatching(/^[a-z_]{1,6}$/),
    priority: fc.integer({ min: 0, max: 4 }),
  },
  // Equal steps shall be equal in every respect, whichever comes first.
  { noNullPrototype: true },
);

test('equal priorities follow the order of interfaces, then names', () => {
  const steps = [
    { interface: 'raid', step: 'b', priority: 5 },
    { interface: 'raid', step: 'a', priority: 5 },
    { interface: 'power', step: 'z', priority: 5 },
    { interface: 'vendor', step: 'z', priority: 5 },
    { interface: 'bios', step: 'a', priority: 50 },
  ];
  const names = (kind: StepKind) => sortSteps(kind, steps).map((each) => `${each.interface}.${each.step}`);
  assert.deepEqual(names('clean'), ['bios.a', 'vendor.z', 'power.z', 'raid.a', 'raid.b']);
  assert.deepEqual(names('verify'), ['bios.a', 'power.z', 'raid.a', 'raid.b', 'vendor.z']);
});

test('sorting keeps every step, changes nothing else, and is the same for every order of its input', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...kinds),
      fc.array(step),
      fc.infiniteStream(fc.double({ noNaN: true })),
      (kind, steps, random) => {
        const before = steps.map((each) => ({ ...each }));
        const sorted = sortSteps(kind, steps);
        assert.deepEqual(
          steps.map((each) => ({ ...each })),
          before,
        );
        const shuffled = steps
          .map((each) => ({ each, at: random.next().value }))
          .sort((a, b) => a.at - b.at)
          .map(({ each }) => each);
        assert.deepEqual(sortSteps(kind, shuffled), sorted);
        assert.deepEqual(sortSteps(kind, sorted), sorted);
      },
    ),
  );
});

test('no step comes before one of a higher priority or of an earlier interface', () => {
  fc.assert(
    fc.property(fc.constantFrom(...kinds), fc.array(step, { minLength: 2 }), (kind, steps) => {
      const order = interfaceOrder[kind];
      const place = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);
      const sorted = sortSteps(kind, steps);
      for (const [index, after] of sorted.entries()) {
        const before = sorted[index - 1];
        if (before !== undefined) {
          assert.ok(before.priority >= after.priority);
          if (before.priority === after.priority) {
            assert.ok(place(before.interface) <= place(after.interface));
            if (place(before.interface) === place(after.interface)) {
              assert.ok(before.step <= after.step);
            }
          }
        }
      }
    }),
  );
});
