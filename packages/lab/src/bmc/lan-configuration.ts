// ipmi_sim's lan.conf: addresses, users and the programs behind power and LAN settings (ipmi_lan(5)).

export interface SimulatedUser {
  /** 2 to 63. */
  readonly id: number;
  readonly name: string;
  readonly password: string;
  readonly privilege: 'callback' | 'user' | 'operator' | 'admin';
}

export interface LanConfiguration {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  /** 32 hexadecimal digits, answered as they are to Get System GUID. */
  readonly guid: string;
  readonly users: readonly SimulatedUser[];
  /** Kg of two-key logins: at most 20 characters without quotes; none when absent. */
  readonly bmcKey?: string;
  /** A program and its arguments; it is called with `get NAME...` or `set NAME VALUE`. */
  readonly chassisProgram: readonly string[];
  readonly lanProgram?: readonly string[];
  /** More lines for the BMC: system interface, serial over LAN. */
  readonly lines?: readonly string[];
}

/** ipmi_sim hands its programs to a shell inside a double-quoted configuration value. */
function shellQuoted(argument: string): string {
  if (/['"\\\n]/.test(argument))
    throw new Error(`path ${argument} holds a quote or backslash, which ipmi_sim cannot pass`);
  return `'${argument}'`;
}

const commandLine = (program: readonly string[]) => program.map(shellQuoted).join(' ');

/** The whole file. */
export function lanConfiguration(bmc: LanConfiguration): string {
  const methods = 'none md2 md5 straight';
  const lines = [
    `name "${bmc.name}"`,
    'set_working_mc 0x20',
    '  startlan 1',
    `    addr ${bmc.address} ${bmc.port}`,
    '    priv_limit admin',
    ...['callback', 'user', 'operator', 'admin'].map((level) => `    allowed_auths_${level} ${methods}`),
    `    guid ${bmc.guid}`,
    ...(bmc.bmcKey === undefined ? [] : [`    bmc_key "${bmc.bmcKey}"`]),
    ...(bmc.lanProgram === undefined ? [] : [`    lan_config_program "${commandLine(bmc.lanProgram)}"`]),
    '  endlan',
    `  chassis_control "${commandLine(bmc.chassisProgram)}"`,
    ...(bmc.lines ?? []).map((line) => `  ${line}`),
    ...bmc.users.map(
      ({ id, name, password, privilege }) => `  user ${id} true "${name}" "${password}" ${privilege} 10 ${methods}`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}
