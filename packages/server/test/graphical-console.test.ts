// Graphical consoles: a whole server with a machine that has a screen, and viewers as their page has them.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { send, startServerWithNode } from './support/console-server.ts';
import { openScreenSocket, pixelAt, refusalOf, viewScreen } from './support/rfb-viewer.ts';

const fakeNode = { driver: 'fake-hardware', console_interface: 'fake-graphical' };

async function setUp(t: TestContext, set: readonly string[] = []) {
  const server = await startServerWithNode(t, fakeNode, set);
  async function consoleInfo(): Promise<{
    console_enabled: boolean;
    console_info: null | { type: string; url: string };
  }> {
    return JSON.parse((await server.api('GET', '/v1/nodes/m1/states/console')).text);
  }
  return {
    ...server,
    consoleInfo,
    async url(): Promise<string> {
      const { console_info } = await consoleInfo();
      assert.ok(console_info !== null);
      return console_info.url;
    },
  };
}

const field = [160, 100] as const;

test('the screen is seen, and keys change what it shows, for all who look', async (t) => {
  const { base, switchConsole, consoleInfo, url } = await setUp(t);
  assert.deepEqual(await consoleInfo(), { console_enabled: false, console_info: null });
  await switchConsole(true);
  const { console_enabled, console_info } = await consoleInfo();
  assert.equal(console_enabled, true);
  assert.equal(console_info?.type, 'vnc');
  assert.match(console_info?.url ?? '', new RegExp(`^${base()}/wrought/screens/[0-9a-f-]{36}#[\\w-]{43}$`));
  // Whoever asks again soon is given the same.
  assert.equal(await url(), console_info?.url);

  const open = async () => viewScreen((await openScreenSocket(base(), await url())).stream);
  const [first, second] = [await open(), await open()];
  assert.equal(first.name, 'm1');
  const picture = await first.picture();
  assert.deepEqual([picture.width, picture.height], [320, 200]);
  assert.deepEqual(pixelAt(picture, 0, 0), [255, 255, 255]);
  assert.deepEqual(pixelAt(picture, 50, 0), [255, 255, 0]);
  assert.deepEqual(pixelAt(picture, 319, 199), [0, 0, 0]);
  assert.deepEqual(pixelAt(picture, ...field), [255, 255, 255]);
  first.key(0x61);
  assert.deepEqual(pixelAt(await first.picture(true), ...field), [255, 255, 0]);
  assert.equal((await second.picture()).pixels.length, 320 * 200 * 4);
});

test('who may only look sees the screen, and no key of theirs reaches the machine', async (t) => {
  const { base, switchConsole, url } = await setUp(t, ['vnc.read_only=true']);
  await switchConsole(true);
  const viewer = await viewScreen((await openScreenSocket(base(), await url())).stream);
  viewer.key(0x61);
  assert.deepEqual(pixelAt(await viewer.picture(), ...field), [255, 255, 255]);
});

test('nobody gets in without a token that holds, and is told so by the protocol', async (t) => {
  const { base, switchConsole, url, api, restart } = await setUp(t);
  await switchConsole(true);
  const address = await url();
  const refused = async (token?: string, at = address) => refusalOf((await openScreenSocket(base(), at, token)).stream);
  assert.match(await refused('x'), /lets nobody in.*vnc\.token_timeout.*GET \/v1\/nodes\/NODE\/states\/console/);
  assert.match(await refused(''), /lets nobody in/);
  // There being no such node is not told apart.
  const elsewhere = address.replace(/[0-9a-f-]{36}/, '11111111-2222-4333-8444-555555555555');
  assert.equal(await refused(undefined, elsewhere), await refused('x'));
  // It is no way to the serial console, nor to anything else of the API.
  const plain = await send(`${base()}/v1/nodes/m1`, { headers: { 'X-Auth-Token': new URL(address).hash.slice(1) } });
  assert.equal(plain.status, 401);
  const serial = await api('GET', '/wrought/v1/nodes/m1/console');
  assert.equal(serial.status, 426);

  await switchConsole(false);
  await switchConsole(true);
  assert.match(await refused(), /lets nobody in/);
  const fresh = await url();
  assert.notEqual(fresh, address);
  await viewScreen((await openScreenSocket(base(), fresh)).stream);

  // It stays switched on, and what was given out before holds no more.
  await restart();
  const again = await url();
  assert.match(await refused(undefined, fresh), /lets nobody in/);
  await viewScreen((await openScreenSocket(base(), again)).stream);
});

test('who looks is told why it ends, and no more look than may', async (t) => {
  const { base, switchConsole, url, stop } = await setUp(t, ['console.max_listeners=1']);
  await switchConsole(true);
  const first = await openScreenSocket(base(), await url());
  await viewScreen(first.stream);
  const full = await openScreenSocket(base(), await url());
  assert.match(await refusalOf(full.stream), /1 listen at the console of node .* console\.max_listeners allows 1/);
  const ended = once(first.socket, 'close');
  await switchConsole(false);
  assert.deepEqual((await ended).map(String), ['4001', 'the console was closed']);

  await switchConsole(true);
  const second = await openScreenSocket(base(), await url());
  await viewScreen(second.stream);
  const stopped = once(second.socket, 'close');
  await stop();
  assert.deepEqual((await stopped).map(String), ['1001', 'the server stops']);
});

test('the page and the viewer that it loads are there for everybody, and nothing else', async (t) => {
  const { base, switchConsole, url } = await setUp(t);
  await switchConsole(true);
  const page = await send((await url()).replace(/#.*/, ''));
  assert.equal(page.status, 200);
  assert.match(String(page.headers['content-type']), /^text\/html/);
  assert.match(String(page.headers['content-security-policy']), /default-src 'none'/);
  assert.equal(page.headers['referrer-policy'], 'no-referrer');

  // All that it loads, and what that loads in turn.
  const seen = new Set<string>();
  async function load(address: string): Promise<void> {
    if (seen.has(address)) {
      return;
    }
    seen.add(address);
    const file = await send(address);
    assert.equal(file.status, 200, address);
    for (const [, name = ''] of file.text.matchAll(/^(?:import|export)\b[^'"]*["'](\.[^'"]+)["']/gm)) {
      await load(new URL(name, address).href);
    }
  }
  for (const [, name = ''] of page.text.matchAll(/(?:src|href)="(files\/[^"]+)"/g)) {
    await load(new URL(name, (await url()).replace(/#.*/, '')).href);
  }
  assert.ok(seen.size > 30, `${seen.size} files`);

  for (const name of ['novnc/package.json', 'novnc/core/..%2f..%2fpackage.json', 'files.ts']) {
    assert.equal((await send(`${base()}/wrought/screens/files/${name}`)).status, 404, name);
  }
});

test('without graphical consoles there is no page', async (t) => {
  const { base, switchConsole, url } = await setUp(t, ['vnc.enabled=false']);
  await switchConsole(true);
  const page = await send((await url()).replace(/#.*/, ''));
  assert.equal(page.status, 404);
  assert.match(page.text, /vnc\.enabled/);
  assert.equal((await send(`${base()}/wrought/screens/files/screen.js`)).status, 404);
});

test('addresses begin as browsers are to reach them, and pages of there may open them', async (t) => {
  const { base, switchConsole, url } = await setUp(t, ['vnc.public_url=https://consoles.example.com/']);
  await switchConsole(true);
  const address = await url();
  assert.match(address, /^https:\/\/consoles\.example\.com\/wrought\/screens\/[0-9a-f-]{36}#/);
  const open = (origin: string) => openScreenSocket(base(), address, undefined, origin);
  await viewScreen((await open('https://consoles.example.com')).stream);
  await assert.rejects(open('https://elsewhere.example.com'), /403/);
});
