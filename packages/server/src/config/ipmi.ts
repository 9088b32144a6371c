// Options of the IPMI driver.
import { boolean, choice, integer, number, text, textList } from './option.ts';

export const ipmi = {
  backend: choice({
    default: 'native',
    allowed: ['native', 'ipmitool'],
    reloadable: true,
    description:
      'How BMCs are reached: in this process, thousands of them on one socket, or by a process of the program ipmitool for each command.',
  }),
  program: text({ default: 'ipmitool', description: 'The ipmitool program, by name or path.' }),
  command_retry_timeout: integer({
    default: 60,
    minimum: 1,
    unit: 'seconds',
    reloadable: true,
    description: 'Longest time that one command is retried while the BMC does not answer or is busy.',
  }),
  min_command_interval: number({
    default: 5,
    minimum: 0,
    unit: 'seconds',
    reloadable: true,
    description: 'Pause between a failed try and the next, and between packets of ipmitool.',
  }),
  cipher_suite_versions: textList({
    default: [],
    reloadable: true,
    description: 'Cipher suites to try in this order. Empty: ["17", "3"].',
  }),
  disable_boot_timeout: boolean({
    default: true,
    reloadable: true,
    description: 'Tell the BMC to keep a boot device longer than the 60 seconds of the standard.',
  }),
  raw_deny: textList({
    default: [],
    reloadable: true,
    description:
      'Raw commands that "send_raw" refuses: how they begin, as network function, command and data, such as ["0x06 0x47", "0x2e"]. ' +
      'What is sent on to other controllers is in Send Message, "0x06 0x34".',
  }),
  sdr_cache_size: integer({
    default: 32,
    minimum: 0,
    unit: 'MiB',
    description:
      'What the sensor data records of BMCs may take in memory, some KiB each: with them known, reading sensors takes a third fewer ' +
      'requests. They are read again when the BMC says that they changed. 0: each time.',
  }),
  store_cred_in_env: boolean({
    default: false,
    description: 'Hand the password to ipmitool in its environment; false: in a file of mode 0600.',
  }),
} as const;
