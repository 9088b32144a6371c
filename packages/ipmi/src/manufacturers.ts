// Who makes BMCs, by the number of Get Device ID: private enterprise numbers of the IANA.

const names: ReadonlyMap<number, string> = new Map([
  [2, 'IBM'],
  [11, 'Hewlett-Packard'],
  [42, 'Sun Microsystems'],
  [94, 'Nokia'],
  [107, 'Bull Company'],
  [116, 'Hitachi'],
  [119, 'NEC'],
  [186, 'Toshiba'],
  [193, 'Ericsson AB'],
  [343, 'Intel Corporation'],
  [373, 'Tatung'],
  [399, 'Hitachi'],
  [674, 'DELL Inc'],
  [2011, 'Huawei Technologies Co., Ltd'],
  [4337, 'RadiSys Corporation'],
  [4413, 'Broadcom Corporation'],
  [4769, 'IBM Corporation'],
  [5593, 'Magnum Technologies'],
  [5771, 'Cisco Systems, Inc.'],
  [6653, 'Tyan Computer Corporation'],
  [7244, 'Quanta'],
  [9237, 'Newisys'],
  [10297, 'Advantech'],
  [10368, 'Fujitsu Siemens'],
  [10418, 'Avocent'],
  [10437, 'Peppercon AG'],
  [10876, 'Supermicro'],
  [11129, 'Google'],
  [11161, 'Wistron'],
  [12290, 'Celestica International Inc.'],
  [13742, 'Raritan'],
  [15000, 'Kontron'],
  [19046, 'Lenovo'],
  [20301, 'IBM eServer X'],
  [20569, 'Inventec'],
  [20974, 'AMI'],
  [24339, 'ADLINK Technology Inc.'],
  [25506, 'H3C'],
  [28458, 'Nokia Solutions and Networks'],
  [37945, 'Inspur'],
  [40092, 'Wiwynn Corporation'],
  [47196, 'Hewlett Packard Enterprise'],
  // Not its own number, but boards have it.
  [47488, 'Supermicro'],
  [49769, 'YADRO'],
]);

/** The name that ipmitool has for a manufacturer, where it has one; undefined for a number that is none of those here. */
export function manufacturerName(manufacturerId: number): string | undefined {
  return names.get(manufacturerId);
}
