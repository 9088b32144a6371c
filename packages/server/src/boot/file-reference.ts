// Reads references to files (URL or path) and refuses those that point where nobody may look.

import { realpath } from 'node:fs/promises';
import { isAbsolute, normalize, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { registeredError } from '@wrought/contract';
import type { Config } from '../config/index.ts';
import type { FileSource } from './file-cache.ts';
import { shownUrl } from './web.ts';

/** Kinds of references that other services would be needed for. */
const FOREIGN = /^(glance|oci|nfs|cifs|smb|swift):\/\//i;
const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

function invalid(where: string, reference: string, reason: string) {
  return registeredError('InvalidParameterValue', { reason: `${where} "${shownUrl(reference)}" ${reason}` });
}

async function allowedFile(where: string, reference: string, path: string, config: Config): Promise<FileSource> {
  const folders = config.conductor.file_url_allowed_paths;
  const real = await realpath(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') {
      throw invalid(where, reference, `does not exist on this server. Put the file there, or name another one.`);
    }
    throw invalid(where, reference, `can not be read: ${error.message}.`);
  });
  const realFolders = await Promise.all(folders.map((folder) => realpath(folder).catch(() => normalize(folder))));
  if (!realFolders.some((folder) => real === folder || real.startsWith(folder.endsWith(sep) ? folder : folder + sep))) {
    throw invalid(
      where,
      reference,
      `is not allowed: files may lie under ${folders.join(', ') || 'no folder'} (conductor.file_url_allowed_paths).`,
    );
  }
  return { kind: 'path', path: real };
}

/**
 * Understands a reference that a user gave.
 * @param where what it is, for errors: "driver_info/deploy_kernel of node ..."
 * @throws InvalidParameterValue
 */
export async function readReference(where: string, reference: string, config: Config): Promise<FileSource> {
  if (/^https?:\/\//i.test(reference)) {
    if (!URL.canParse(reference)) {
      throw invalid(where, reference, 'is not a valid URL.');
    }
    return { kind: 'url', url: reference };
  }
  if (FOREIGN.test(reference) || UUID.test(reference)) {
    throw invalid(
      where,
      reference,
      'names a service that this server does not speak with; allowed: http, https and file URLs.',
    );
  }
  if (/^file:\/\//i.test(reference)) {
    let path: string;
    try {
      path = fileURLToPath(reference);
    } catch (error) {
      throw invalid(where, reference, `is not a valid file URL: ${error instanceof Error ? error.message : error}.`);
    }
    return allowedFile(where, reference, path, config);
  }
  if (isAbsolute(reference)) {
    return allowedFile(where, reference, reference, config);
  }
  throw invalid(where, reference, 'is neither an http, https or file URL nor an absolute path.');
}

/** Understands a reference of the configuration; its author may name any file. */
export function readTrustedReference(reference: string): FileSource {
  if (/^https?:\/\//i.test(reference)) {
    return { kind: 'url', url: reference };
  }
  return { kind: 'path', path: /^file:\/\//i.test(reference) ? fileURLToPath(reference) : reference };
}
