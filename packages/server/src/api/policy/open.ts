// Opens the policy that the configuration asks for, and reads it again when it changes.
import type { Config } from '../../config/index.ts';
import { createPolicy, type OwnRule, type Policy } from './policy.ts';

/** The policy in force; `reload` puts another one in its place. */
export interface ReloadablePolicy extends Policy {
  /** Reads the operator's file again. The rules read before stay in force when it can not be used. @throws PolicyFileError */
  reload(config: Config): Promise<void>;
}

const nothing: ReadonlyMap<string, OwnRule> = new Map();

/** The rules of the operator's file, none without one. @throws PolicyFileError */
async function ownRules({ api }: Config): Promise<ReadonlyMap<string, OwnRule>> {
  if (api.policy_file === null) {
    return nothing;
  }
  // Loaded on first use: most servers have no such file.
  const { readPolicyFile } = await import('./file.ts');
  return readPolicyFile(api.policy_file);
}

/** Makes the policy. @throws PolicyFileError */
export async function openPolicy(config: () => Config): Promise<ReloadablePolicy> {
  const make = async (from: Config) => createPolicy(await ownRules(from), () => config().api);
  let policy = await make(config());
  return {
    has: (name) => policy.has(name),
    decide: (...question) => policy.decide(...question),
    explain: (...question) => policy.explain(...question),
    list: () => policy.list(),
    doubts: () => policy.doubts(),
    async reload(changed) {
      policy = await make(changed);
    },
  };
}
