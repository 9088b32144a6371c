// Serial logs become clean lines and milestones, however the stream is cut.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createMilestoneParser, type Milestone } from '../src/index.ts';
import { cleanLine, createLineSplitter } from '../src/serial/lines.ts';
import { powerOnMarker, resetMarker } from '../src/serial/markers.ts';

const esc = '\u001b';

// Pieces of logs of real machines: SeaBIOS with iPXE's ROM, and OVMF with iPXE's EFI ROM.
const biosNetworkBoot = [
  `\n${powerOnMarker()}\n`,
  `${esc}c${esc}[?7l${esc}[2J${esc}[0mSeaBIOS (version 1.16.2-debian-1.16.2-1)\r\n`,
  'iPXE (http://ipxe.org) 00:04.0 CA00 PCI2.10 PnP PMM+7EFCED90+7EF0ED90 CA00\r\n',
  'Booting from ROM...\r\niPXE initialising devices...ok\r\n\r\n',
  `${esc}[0;1miPXE 1.0.0+git-20190125.36a4c85-5.1${esc}[0m -- Open Source Network Boot Firmware -- ${esc}[0;36m\r\n`,
  'Configuring (net0 52:54:00:74:27:00)...... ok\r\nnet0: 10.99.0.57/255.255.255.0 gw 10.99.0.1\r\n',
  `Press Ctrl-B${'\b \b'.repeat(12)}http://10.99.0.1:8080/boot.ipxe... 10%\b\b\b\b 99%\b\b\b\b    \b\b\b\b ok\r\n`,
  `\n${resetMarker(false)}\n`,
].join('');
const uefiDiskBoot = [
  `${esc}[2J${esc}[01;01H${esc}[=3hBdsDxe: loading Boot0001 "UEFI QEMU NVMe Ctrl n2-disk0 1" from PciRoot(0x0)\r\n`,
  'Welcome to GRUB!\r\n\r\n',
  'wrought-os: kernel 6.1.0-56-amd64 firmware=uefi root=/dev/nvme0n1p3 release=b7dc565e7195\r\n',
  'wrought-os: hostname=web-1 uuid=abc nonce=n0nce\r\nwrought-os: ready\r\n',
  '[    5.454885] reboot: Power down\r\n',
].join('');

function parse(pieces: Uint8Array[]): Milestone[] {
  const parser = createMilestoneParser();
  return pieces.flatMap((piece) => parser.push(piece));
}

test('a network boot from BIOS becomes milestones with their facts', () => {
  const milestones = parse([Buffer.from(biosNetworkBoot)]);
  assert.deepEqual(
    milestones.map(({ kind, facts }) => [kind, facts]),
    [
      ['power-on', {}],
      ['firmware', {}],
      ['network-boot', {}],
      ['dhcp', { mac: '52:54:00:74:27:00' }],
      ['dhcp-address', { address: '10.99.0.57' }],
      ['network-file', { url: 'http://10.99.0.1:8080/boot.ipxe' }],
      ['reset', {}],
    ],
  );
  assert.equal(milestones[5]?.text, 'fetched http://10.99.0.1:8080/boot.ipxe');
});

test('a boot from disk with UEFI becomes milestones with their facts', () => {
  assert.deepEqual(
    parse([Buffer.from(uefiDiskBoot)]).map(({ kind, facts }) => [kind, facts]),
    [
      ['firmware', {}],
      ['disk-boot', {}],
      ['kernel', { version: '6.1.0-56-amd64' }],
      ['os-config', { hostname: 'web-1', uuid: 'abc', nonce: 'n0nce' }],
      ['os-ready', {}],
      ['shutdown', { how: 'Power down' }],
    ],
  );
});

test('the ramdisk and its agent are seen', () => {
  const log =
    '[init 4.21s] kernel 6.1.0-56-amd64\r\n[init 9.87s] devices are there\r\n[agent     1.2s] heartbeat sent\r\n';
  assert.deepEqual(
    parse([Buffer.from(log)]).map(({ kind, facts }) => [kind, facts]),
    [
      ['kernel', { version: '6.1.0-56-amd64' }],
      ['ramdisk', { message: 'devices are there' }],
      ['agent', { message: 'heartbeat sent' }],
    ],
  );
});

test('what fails on the way is named', () => {
  const log = [
    'Configuring (net0 52:54:00:c0:9b:00).................. No configuration methods\r\nsucceeded (http://ipxe.org/040ee119)',
    'http://10.99.0.1:8080/ramdisk... Connection reset (http://ipxe.org/0f0a6095)',
    'Boot failed: not a bootable disk\r\nNo bootable device.\r\n',
  ].join('\r\n');
  assert.deepEqual(
    parse([Buffer.from(log)]).map(({ text }) => text),
    [
      'nobody answered the DHCP of 52:54:00:c0:9b:00',
      'could not fetch http://10.99.0.1:8080/ramdisk: Connection reset (http://ipxe.org/0f0a6095)',
      'nothing to boot from',
    ],
  );
});

test('how the stream is cut makes no difference', () => {
  const bytes = Buffer.from(biosNetworkBoot + uefiDiskBoot);
  const whole = parse([bytes]);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 30 }), (cuts) => {
      const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
      const pieces = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
      assert.deepEqual(parse(pieces), whole);
    }),
  );
});

test('any bytes give lines without control characters, and cleaning is done once', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 }), (pieces) => {
      const splitter = createLineSplitter();
      for (const line of pieces.flatMap((piece) => splitter.push(piece))) {
        assert.ok([...line].every((character) => !/\p{Cc}/u.test(character)));
        assert.equal(cleanLine(line), line);
      }
    }),
  );
});
