// Writes the reference page of the API from the description that a running server gives of itself.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer } from '@wrought/server';
import { loadConfig } from '@wrought/server/config';

interface Operation {
  readonly summary: string;
  readonly tags: readonly string[];
  readonly 'x-since': string;
  readonly 'x-policy'?: readonly string[];
}

/** Every operation of the newest version: "GET /v1/nodes" with what is told of it. */
async function operations(): Promise<readonly (readonly [string, Operation])[]> {
  const folder = mkdtempSync(join(tmpdir(), 'wrought-reference-'));
  const set = ['api.auth=none', 'api.listen=127.0.0.1:0', 'api.unix_socket=', 'log.level=error'];
  const server = await startServer({ config: loadConfig({ dataDirectory: folder, set }) });
  try {
    const answer = await fetch(`${server.urls[0]}/openapi.json`);
    const { paths } = (await answer.json()) as { paths: Record<string, Record<string, Operation>> };
    return Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const),
    );
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true });
  }
}

/** The rows of the page by tag, in the order of the alphabet. */
export async function apiRows(): Promise<ReadonlyMap<string, readonly (readonly string[])[]>> {
  const rows = new Map<string, string[][]>();
  for (const [name, operation] of await operations()) {
    const tag = operation.tags[0] ?? '';
    const policy = (operation['x-policy'] ?? []).map((rule) => `\`${rule}\``).join(', ');
    rows.set(tag, [...(rows.get(tag) ?? []), [`\`${name}\``, operation['x-since'], operation.summary, policy]]);
  }
  return new Map([...rows].sort(([a], [b]) => (a < b ? -1 : 1)));
}
