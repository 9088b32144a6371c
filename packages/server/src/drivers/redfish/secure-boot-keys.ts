// Steps about the keys of UEFI secure boot: all deleted, or those of the factory again.
import { done, type Step, step, type Task } from '../kit/index.ts';

export interface SecureBootKeys {
  /** Safe to repeat. */
  resetKeys(task: Task, type: 'DeleteAllKeys' | 'ResetAllKeysToDefault'): Promise<void>;
}

/** The steps, for cleaning, which has the ramdisk running for them, and for deployment. */
export function secureBootKeySteps(keys: () => Promise<SecureBootKeys>): readonly Step[] {
  const steps = [
    ['clear_secure_boot_keys', 'DeleteAllKeys'],
    ['reset_secure_boot_keys_to_default', 'ResetAllKeysToDefault'],
  ] as const;
  return steps.flatMap(([name, type]) => {
    const common = {
      interface: 'management',
      step: name,
      recovery: 'repeat',
      async execute(task: Task) {
        await (await keys()).resetKeys(task, type);
        return done();
      },
    } as const;
    return [
      step({ ...common, kinds: ['clean'], requires_ramdisk: true }),
      step({ ...common, kinds: ['deploy'], abortable: true }),
    ];
  });
}
