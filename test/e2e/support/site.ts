// A site for one test file: brought up before its tests and taken down after them, with its logs kept when a test fails.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Site, type SiteOptions, startSite } from '@wrought/lab';

const program = fileURLToPath(new URL('../../../bin/wrought', import.meta.url));

type TestSiteOptions = Omit<SiteOptions, 'directory' | 'program'>;

/**
 * Registers the hooks; the function that it returns gives the site inside tests. Options may be made before the tests, such as those
 * for services that the server needs.
 */
export function siteForTests(given: TestSiteOptions | (() => Promise<TestSiteOptions>)): () => Site {
  const directory = mkdtempSync(join(tmpdir(), 'wrought-e2e-'));
  let site: Site | undefined;
  before(async () => {
    const options = typeof given === 'function' ? await given() : given;
    site = await startSite({ ...options, directory, program });
  });
  after(async () => {
    await site?.down();
    const keep = process.env.KEEP_LOGS;
    if (keep !== undefined && keep !== '') {
      cpSync(join(directory, 'server.log'), join(keep, 'server.log'), { force: true });
      cpSync(join(directory, 'lab/logs'), join(keep, 'logs'), { recursive: true, force: true });
    }
    rmSync(directory, { recursive: true, force: true });
  });
  return () => {
    if (site === undefined) throw new Error('the site is not up');
    return site;
  };
}
