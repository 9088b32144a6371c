// The inventory, from recorded forms of what tools and the kernel tell.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { AgentNode, JsonObject } from '@wrought/contract';
import fc from 'fast-check';
import { parseLan6Print, parseLanPrint, readBmcAddresses } from '../src/hardware/bmc.ts';
import { parseCpuinfo, parseDmiMemory } from '../src/hardware/cpu-memory.ts';
import { type Disk, listDisks, partitionPath } from '../src/hardware/disks.ts';
import { readInterfaces, readMacAddresses } from '../src/hardware/interfaces.ts';
import { parseLldpFrame, parsePcap } from '../src/hardware/lldp.ts';
import { pickRootDevice } from '../src/hardware/root-device.ts';
import { readBoot, readSystemVendor } from '../src/hardware/system.ts';
import { fakeTools, quietLog } from './support/fake-tools.ts';

const GIB = 1024 ** 3;

suite('disks', () => {
  const blockdevices = [
    {
      name: 'sda',
      path: '/dev/sda',
      type: 'disk',
      size: 480103981056,
      model: 'SSD 870 ',
      serial: 'LS',
      rota: false,
      ro: false,
      hctl: '0:0:0:0',
      tran: 'sata',
      'log-sec': 512,
      'phy-sec': 4096,
      vendor: 'ATA     ',
    },
    {
      name: 'nvme0n1',
      path: '/dev/nvme0n1',
      type: 'disk',
      size: 1000204886016,
      model: 'NVME',
      rota: false,
      ro: true,
      tran: 'nvme',
    },
    { name: 'sr0', path: '/dev/sr0', type: 'rom', size: 1073741824 },
    { name: 'zram0', path: '/dev/zram0', type: 'disk', size: 1024 },
    { name: 'loop0', path: '/dev/loop0', type: 'loop', size: 1024 },
    { name: 'sdb', path: '/dev/sdb', type: 'disk', size: 0 },
    { name: 'sdc', path: '/dev/sdc', type: 'disk', size: 1474560, tran: 'usb' },
  ];
  const udev = [
    'DEVLINKS=/dev/disk/by-path/virtio-x /dev/disk/by-id/ata-SSD /dev/disk/by-path/pci-0000:00:1f.2-ata-1',
    'ID_PATH=pci-0000:00:1f.2-ata-1',
    'ID_SERIAL_SHORT=S5Y1',
    'ID_SERIAL=SSD_870_S5Y1',
    'ID_WWN=0x5002538f',
    'ID_WWN_WITH_EXTENSION=0x5002538f00000001',
    'ID_WWN_VENDOR_EXTENSION=0x00000001',
  ].join('\n');

  test('real disks are listed with what udev knows', async () => {
    const tools = fakeTools({
      lsblk: JSON.stringify({ blockdevices }),
      'udevadm info --query=property --name=/dev/sda': udev,
      'udevadm info --query=property --name=/dev/sdc': 'ID_FS_TYPE=vfat\nID_FS_LABEL=IR-VFD-DEV',
      udevadm: { exitCode: 4 },
    });
    const disks = await listDisks(tools.run);
    assert.deepEqual(
      disks.map((disk) => disk.name),
      ['/dev/sda', '/dev/nvme0n1'],
    );
    assert.deepEqual(disks[0], {
      name: '/dev/sda',
      model: 'SSD 870',
      size: 480103981056,
      rotational: false,
      wwn: '0x5002538f',
      serial: 'S5Y1',
      vendor: 'ATA',
      wwn_with_extension: '0x5002538f00000001',
      wwn_vendor_extension: '0x00000001',
      hctl: '0:0:0:0',
      by_path: '/dev/disk/by-path/pci-0000:00:1f.2-ata-1',
      logical_sectors: 512,
      physical_sectors: 4096,
      isReadOnly: false,
      transport: 'sata',
    });
    assert.equal(disks[1]?.isReadOnly, true);
  });

  test('partitions have their names', () => {
    assert.equal(partitionPath('/dev/sda', 2), '/dev/sda2');
    assert.equal(partitionPath('/dev/nvme0n1', 2), '/dev/nvme0n1p2');
  });
});

suite('the root device', () => {
  const disk = (name: string, gib: number, more: Partial<Disk> = {}): Disk => ({
    ...{ name, size: gib * GIB, model: '', rotational: true, wwn: null, serial: null, vendor: null },
    ...{ wwn_with_extension: null, wwn_vendor_extension: null, hctl: null, by_path: null },
    ...{ logical_sectors: null, physical_sectors: null, isReadOnly: false, transport: null },
    ...more,
  });
  const node = (properties: JsonObject = {}, instanceInfo: JsonObject = {}): AgentNode => ({
    ...{ uuid: 'x', properties, instance_info: instanceInfo, driver_internal_info: {} },
  });
  const disks = [disk('/dev/sda', 100), disk('/dev/sdb', 3), disk('/dev/sdc', 20), disk('/dev/sdd', 2)];

  test('without hints the smallest of at least 4 GiB', () => {
    assert.equal(pickRootDevice(node(), disks).name, '/dev/sdc');
  });
  test('where all are smaller, the largest', () => {
    assert.equal(
      pickRootDevice(
        node(),
        disks.filter((each) => each.size < 4 * GIB),
      ).name,
      '/dev/sdb',
    );
  });
  test('hints of the instance come before those of the node', () => {
    const both = node({ root_device: { size: 3 } }, { root_device: { size: 100 } });
    assert.equal(pickRootDevice(both, disks).name, '/dev/sda');
    assert.equal(pickRootDevice(node({ root_device: { size: 3 } }), disks).name, '/dev/sdb');
  });
  test('skipped and read-only disks are not taken', () => {
    assert.equal(pickRootDevice(node({ skip_block_devices: [{ name: '/dev/sdc' }] }), disks).name, '/dev/sda');
    assert.equal(
      pickRootDevice(node(), [disk('/dev/sda', 50, { isReadOnly: true }), disk('/dev/sdb', 60)]).name,
      '/dev/sdb',
    );
  });
  test('failures name hints and disks', () => {
    assert.throws(
      () => pickRootDevice(node({ root_device: { serial: 'X1' } }), disks),
      /serial s== x1; the disks are \/dev\/sda/,
    );
    assert.throws(() => pickRootDevice(node(), []), /there is no disk/);
  });
});

suite('network interfaces and system, from sysfs', () => {
  let root: string;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'sysfs-'));
    const device = join(root, 'sys/devices/pci0000:00/0000:00:03.0/virtio0');
    await mkdir(join(root, 'sys/class/net/ens3'), { recursive: true });
    await mkdir(join(root, 'sys/class/net/lo'), { recursive: true });
    await mkdir(join(root, 'sys/bus/virtio/drivers/virtio_net'), { recursive: true });
    await mkdir(device, { recursive: true });
    await symlink(device, join(root, 'sys/class/net/ens3/device'));
    await symlink(join(root, 'sys/bus/virtio/drivers/virtio_net'), join(device, 'driver'));
    const write = (path: string, text: string) => writeFile(join(root, path), `${text}\n`);
    await write('sys/class/net/ens3/address', '52:54:00:AA:bb:cc');
    await write('sys/class/net/ens3/carrier', '1');
    await write('sys/class/net/ens3/speed', '-1');
    await writeFile(join(device, 'vendor'), '0x1af4\n');
    await writeFile(join(device, 'device'), '0x0001\n');
    await mkdir(join(root, 'sys/class/dmi/id'), { recursive: true });
    await write('sys/class/dmi/id/sys_vendor', 'Maker');
    await write('sys/class/dmi/id/product_serial', '0042');
    await write('sys/class/dmi/id/bios_version', '1.2');
  });
  after(() => rm(root, { recursive: true, force: true }));

  test('interfaces with hardware behind them', () => {
    assert.deepEqual(readMacAddresses(root), ['52:54:00:aa:bb:cc']);
    const [nic, ...others] = readInterfaces(root, new Map([['ens3', [[1, 'aa']]]]));
    assert.equal(others.length, 0);
    assert.deepEqual(nic, {
      name: 'ens3',
      mac_address: '52:54:00:AA:bb:cc',
      ipv4_address: null,
      ipv6_address: null,
      has_carrier: true,
      lldp: [[1, 'aa']],
      vendor: '0x1af4',
      product: '0x0001',
      client_id: null,
      biosdevname: null,
      speed_mbps: null,
      pci_address: '0000:00:03.0',
      driver: 'virtio_net',
    });
  });

  test('vendor and boot mode', () => {
    assert.deepEqual(readSystemVendor(root), {
      product_name: '',
      serial_number: '0042',
      manufacturer: 'Maker',
      firmware: { vendor: '', version: '1.2', build_date: '' },
    });
    assert.deepEqual(readBoot('52:54:00:aa:bb:cc', root), {
      current_boot_mode: 'bios',
      pxe_interface: '52:54:00:aa:bb:cc',
    });
  });

  test('a machine without an IPMI device asks no BMC', async () => {
    const tools = fakeTools({});
    assert.deepEqual(await readBmcAddresses(tools.run, quietLog, root), {
      bmc_address: null,
      bmc_v6address: null,
      bmc_mac: null,
    });
    assert.equal(tools.calls.length, 0);
  });

  test('the BMC is asked channel by channel', async () => {
    await mkdir(join(root, 'dev'), { recursive: true });
    await writeFile(join(root, 'dev/ipmi0'), '');
    const tools = fakeTools({
      'ipmitool lan print 1': { exitCode: 1 },
      'ipmitool lan print 2':
        'IP Address Source       : Static\nIP Address              : 192.0.2.9\nMAC Address             : 00:11:22:33:44:55\n',
      'ipmitool lan6 print 2': 'IPv6 Static Address 0:\n    Enabled:        yes\n    Address:        2001:db8::9/64\n',
    });
    assert.deepEqual(await readBmcAddresses(tools.run, quietLog, root), {
      bmc_address: '192.0.2.9',
      bmc_v6address: '2001:db8::9',
      bmc_mac: '00:11:22:33:44:55',
    });
  });
});

suite('words of tools', () => {
  test('ipmitool', () => {
    assert.deepEqual(parseLanPrint('IP Address : 0.0.0.0\n'), { address: null, mac: null });
    assert.equal(parseLan6Print('    Address: fe80::1/64\n    Address: ::/0\n'), null);
  });

  test('/proc/cpuinfo', () => {
    const block = (id: number, socket: number) =>
      `processor\t: ${id}\nmodel name\t: CPU X\ncpu MHz\t\t: 2400.5\nphysical id\t: ${socket}\nflags\t\t: fpu sse2\n`;
    assert.deepEqual(parseCpuinfo(`${block(0, 0)}\n${block(1, 1)}\n`, 'x86_64', null), {
      model_name: 'CPU X',
      frequency: '2400.5',
      count: 2,
      architecture: 'x86_64',
      flags: ['fpu', 'sse2'],
      socket_count: 2,
    });
    assert.equal(parseCpuinfo(block(0, 0), 'x86_64', 3_500_000).frequency, '3500');
  });

  test('dmidecode', () => {
    const text =
      'Memory Device\n\tSize: 16 GB\nMemory Device\n\tSize: No Module Installed\nMemory Device\n\tSize: 512 MB\n';
    assert.equal(parseDmiMemory(text), 16 * 1024 + 512);
    assert.equal(parseDmiMemory('# No SMBIOS nor DMI entry point found'), null);
  });
});

suite('LLDP', () => {
  const tlv = (type: number, value: Buffer) => {
    const head = Buffer.alloc(2);
    head.writeUInt16BE((type << 9) | value.length);
    return Buffer.concat([head, value]);
  };
  const frame = (tlvs: [number, Buffer][], tag = false) =>
    Buffer.concat([
      Buffer.from('0180c200000e525400aabbcc', 'hex'),
      Buffer.from(tag ? '8100006488cc' : '88cc', 'hex'),
      ...tlvs.map(([type, value]) => tlv(type, value)),
      Buffer.from([0, 0]),
    ]);

  test('any TLVs are read as they were written, with and without a VLAN tag', () => {
    const tlvs = fc.array(fc.tuple(fc.integer({ min: 1, max: 127 }), fc.uint8Array({ maxLength: 511 })), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(tlvs, fc.boolean(), (list, tag) => {
        const wanted = list.map(([type, value]): [number, Buffer] => [type, Buffer.from(value)]);
        const read = parseLldpFrame(frame(wanted, tag));
        assert.deepEqual(
          read,
          wanted.map(([type, value]) => [type, value.toString('hex')]),
        );
      }),
    );
  });

  test('other frames and cut ones give what is whole', () => {
    assert.deepEqual(parseLldpFrame(Buffer.from('ffffffffffff5254000000000800aabb', 'hex')), []);
    const whole = frame([
      [1, Buffer.from('04aabb', 'hex')],
      [2, Buffer.from('0701', 'hex')],
    ]);
    assert.deepEqual(parseLldpFrame(whole.subarray(0, whole.length - 3)), [[1, '04aabb']]);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void parseLldpFrame(Buffer.from(bytes))));
  });

  test('frames come out of a capture', () => {
    const content = frame([[5, Buffer.from('switch')]]);
    const header = Buffer.alloc(24);
    header.writeUInt32LE(0xa1b2c3d4, 0);
    const record = Buffer.alloc(16);
    record.writeUInt32LE(content.length, 8);
    assert.deepEqual(parsePcap(Buffer.concat([header, record, content])), [content]);
    assert.deepEqual(parsePcap(Buffer.concat([header, record, content.subarray(0, 5)])), []);
    assert.deepEqual(parsePcap(Buffer.alloc(3)), []);
  });
});
