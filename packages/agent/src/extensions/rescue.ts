// The extension rescue: leaves the ramdisk to a person, who logs in with a password, and ends the agent.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AgentFailure } from '../errors.ts';
import { isTrue, requireText } from '../params.ts';
import { type AgentContext, type Extension, synchronous } from './extension.ts';

/** Where `rescue.sh` of the ramdisk finds the hash, in the run directory. */
const PASSWORD_FILE = 'rescue-password';
/** A hash as crypt(3) writes it: it becomes a field of /etc/shadow. */
const CRYPT_HASH = /^\$[0-9a-z]+\$[\w./$=,-]+$/;

/** `rescue.finalize_rescue`: keeps the hash, and after its answer there are no heartbeats and no commands any more. */
export function rescueExtension(agent: AgentContext): Extension {
  return {
    name: 'rescue',
    commands: {
      finalize_rescue: synchronous(async (params) => {
        const hash = requireText(params, 'rescue_password');
        if (!isTrue(params.hashed, false) || !CRYPT_HASH.test(hash)) {
          throw new AgentFailure(
            'InvalidCommandParamsError',
            'parameter "rescue_password" must be the hash of the password as crypt(3) writes it, with "hashed" true',
          );
        }
        const { runDirectory } = agent.settings;
        await mkdir(runDirectory, { recursive: true, mode: 0o700 });
        await writeFile(join(runDirectory, PASSWORD_FILE), `${hash}\n`, { mode: 0o600 });
        agent.log.info('the password of the rescue is set: this ramdisk is left to its user');
        agent.lockdown();
        return null;
      }),
    },
  };
}
