// Where a lab keeps its files, and which of them go away with it.
import { join } from 'node:path';

// sun_path in sockaddr_un holds 108 bytes with the closing zero (unix(7)).
const longestSocketPathBytes = 107;

/** Files of the lab as a whole. */
export function labPaths(directory: string) {
  return {
    record: join(directory, 'lab.json'),
    state: join(directory, 'state.json'),
    controlSocket: join(directory, 'control.sock'),
    logs: join(directory, 'logs'),
    supervisorLog: join(directory, 'logs', 'supervisor.log'),
    machines: join(directory, 'machines'),
    switch: join(directory, 'switch'),
    compileCache: join(directory, 'compile-cache'),
  };
}

/** Files of one machine. */
export function machinePaths(directory: string, name: string) {
  const home = join(directory, 'machines', name);
  return {
    home,
    disk: (number: number) => join(home, `disk${number}.raw`),
    variableStore: join(home, 'efi-variables.fd'),
    qmpSocket: join(home, 'qmp.sock'),
    passwordFile: join(home, 'bmc-password'),
    redfishCertificate: join(home, 'redfish-certificate.pem'),
    medium: (drive: string) => join(home, `medium-${drive}.iso`),
    bmcState: join(home, 'bmc-state'),
    bmcConfiguration: join(home, 'lan.conf'),
    bmcCommands: join(home, 'sim.emu'),
    serialLog: join(directory, 'logs', `${name}.serial.log`),
    qemuLog: join(directory, 'logs', `${name}.qemu.log`),
    bmcLog: join(directory, 'logs', `${name}.bmc.log`),
  };
}

/** Throws when a path is too long for a UNIX socket; the kernel would cut or refuse it with a less clear error. */
export function checkSocketPath(path: string): void {
  const length = Buffer.byteLength(path);
  if (length > longestSocketPathBytes) {
    throw new Error(
      `${path} has ${length} bytes, a UNIX socket path at most ${longestSocketPathBytes}: use a shorter lab directory`,
    );
  }
}
