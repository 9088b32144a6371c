// The files that a browser loads to show a screen: a page of ours, and the viewer noVNC as its package has it.
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FrameworkError } from '../core/error-body.ts';
import type { Answer } from '../core/route.ts';

const here = import.meta.dirname;
const novnc = dirname(dirname(fileURLToPath(import.meta.resolve('@novnc/novnc'))));

/** Nothing of it is a secret, so it may be kept by browsers; not for long, since a new version has the same names. */
const KEPT = 'public, max-age=3600';

const security = {
  // The page runs what this server gives it, and speaks with this server alone.
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data: blob:; base-uri 'none'; form-action 'none'",
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

const scripts = 'text/javascript; charset=utf-8';

/** Every file by the name that it has in the address. */
function listFiles(): ReadonlyMap<string, { readonly path: string; readonly contentType: string }> {
  const own = [
    ['screen.js', scripts],
    ['screen.css', 'text/css; charset=utf-8'],
  ] as const;
  const viewer = ['core', 'vendor'].flatMap((folder) =>
    readdirSync(join(novnc, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.js'))
      .map((name) => `${folder}/${name}`),
  );
  return new Map([
    ...own.map(([name, contentType]) => [name, { path: join(here, name), contentType }] as const),
    ...viewer.map((name) => [`novnc/${name}`, { path: join(novnc, name), contentType: scripts }] as const),
  ]);
}

let files: ReturnType<typeof listFiles> | undefined;

/** The page that shows a screen; which one, its own address tells it. */
export async function screenPage(): Promise<Answer> {
  const body = await readFile(join(here, 'screen.html'));
  return {
    status: 200,
    body,
    contentType: 'text/html; charset=utf-8',
    headers: { ...security, 'Cache-Control': 'no-store' },
  };
}

/** @throws FrameworkError 404 where there is no such file */
export async function screenFile(name: string): Promise<Answer> {
  files ??= listFiles();
  const found = files.get(name);
  if (found === undefined) {
    throw new FrameworkError(404, `There is no file "${name}" for screens.`);
  }
  const { path, contentType } = found;
  return { status: 200, body: await readFile(path), contentType, headers: { ...security, 'Cache-Control': KEPT } };
}
