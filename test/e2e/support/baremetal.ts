// The real `baremetal` client of python-ironicclient, run inside the lab's network with the server's generated password.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNamespace, type Site } from '@wrought/lab';

const commandTimeoutSeconds = 120;

/** Runs `baremetal ARGUMENTS -f json` and returns what it printed, parsed; throws with the client's words when it fails. */
export type Baremetal = (...given: string[]) => Promise<unknown>;

/** Makes the client for a site. */
export function baremetalClient(site: Site, endpoint = 'http://10.99.0.1:6385'): Baremetal {
  const password = readFileSync(join(site.directory, 'server/password'), 'utf8').trim();
  return async (...given) => {
    const { stdout } = await runInNamespace(site.lab.record.namespace, 'baremetal', given, {
      timeoutSeconds: commandTimeoutSeconds,
      env: {
        PATH: process.env.PATH,
        HOME: site.directory,
        OS_AUTH_TYPE: 'http_basic',
        OS_ENDPOINT: endpoint,
        OS_USERNAME: 'admin',
        OS_PASSWORD: password,
      },
    });
    return stdout.trim() === '' ? undefined : parse(stdout);
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Some commands print a sentence instead of an object.
    return text.trim();
  }
}
