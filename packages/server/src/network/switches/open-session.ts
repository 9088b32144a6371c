// Opens the session with a switch that its definition asks for; credentials are read from their files each time.
import { readFile } from 'node:fs/promises';
import { openOpenvswitch } from './openvswitch.ts';
import { SwitchError, type SwitchSession } from './switch-driver.ts';
import type { OpenvswitchAccess, SshAccess, SwitchDefinition } from './switch-file.ts';

async function readSecret(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new SwitchError(`${file} can not be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const readOptional = async (file: string | null) => (file === null ? null : readSecret(file));
/** A password without the line end that editors write. */
const readPassword = async (file: string | null) => (await readOptional(file))?.replace(/\r?\n$/, '') ?? null;

async function openvswitchSession(access: OpenvswitchAccess, timeoutSeconds: number, signal: AbortSignal) {
  const { database, bridge, caFile, certificateFile, keyFile } = access;
  if (database.kind !== 'ssl') {
    return openOpenvswitch({ place: database, bridge, timeoutSeconds }, signal);
  }
  const [certificate, key] = [await readOptional(certificateFile), await readOptional(keyFile)];
  const place = {
    ...database,
    ca: await readSecret(caFile ?? ''),
    ...(certificate === null ? {} : { certificate }),
    ...(key === null ? {} : { key }),
  };
  return openOpenvswitch({ place, bridge, timeoutSeconds }, signal);
}

async function sshSession(access: SshAccess, timeoutSeconds: number, signal: AbortSignal) {
  const { address, port, username, profile, hostKey, legacyAlgorithms, save } = access;
  // What few installations need is loaded where it is.
  const { openSsh } = await import('./ssh/ssh.ts');
  return openSsh(
    {
      ...{ host: address, port, username, profile, hostKey, legacyAlgorithms, save, timeoutSeconds },
      password: await readPassword(access.passwordFile),
      privateKey: await readOptional(access.keyFile),
      enablePassword: await readPassword(access.enablePasswordFile),
    },
    signal,
  );
}

/** Connects. @throws SwitchError */
export function openSession(
  access: SwitchDefinition['access'],
  timeoutSeconds: number,
  signal: AbortSignal,
): Promise<SwitchSession> {
  return access.type === 'ssh'
    ? sshSession(access, timeoutSeconds, signal)
    : openvswitchSession(access, timeoutSeconds, signal);
}
