// What is checked of the configuration before the server starts, so that a mistake is not first told by a deployment.
import { type Config, ConfigError, type ConfigProblem } from '../../config/index.ts';
import { parseNetworkText } from '../switches/port-config.ts';
import { readSwitchFile } from '../switches/switch-file.ts';
import { parseVlans } from '../switches/vlans.ts';

const networkOptions = [
  'cleaning_network',
  'provisioning_network',
  'rescuing_network',
  'inspection_network',
  'servicing_network',
  'idle_network',
] as const;

/** Reads networks, VLANs and the file with the switches. @throws ConfigError with everything that is wrong */
export async function checkSwitchConfiguration({ ironic_networking: options, origin }: Config): Promise<void> {
  const problems: ConfigProblem[] = [];
  const problem = (key: string, message: string) =>
    problems.push({ file: origin.file ?? null, line: null, key: `ironic_networking.${key}`, message });
  for (const key of networkOptions) {
    const reading = options[key] === null ? undefined : parseNetworkText(options[key]);
    if (reading !== undefined && 'problem' in reading) {
      problem(key, `"${options[key]}" is no network: ${reading.problem}`);
    }
  }
  const vlans = options.allowed_vlans.join(',');
  if (vlans !== '' && parseVlans(vlans) === null) {
    problem('allowed_vlans', `${JSON.stringify(options.allowed_vlans)}; allowed: VLANs such as ["100", "200-210"]`);
  }
  if (options.switch_config_file !== null) {
    try {
      await readSwitchFile(options.switch_config_file);
    } catch (error) {
      if (!(error instanceof ConfigError)) {
        throw error;
      }
      problems.push(...error.problems);
    }
  }
  if (problems.length > 0) {
    throw new ConfigError(problems);
  }
}
