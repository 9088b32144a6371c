// Whether the switches that the configuration names take a connection and a login.
import type { Config } from '../config/index.ts';
import { SwitchError } from '../network/switches/switch-driver.ts';
import { createSwitches, switchInWords } from '../network/switches/switches.ts';
import { type Finding, ok, problem } from './finding.ts';

/** Logs in to each switch, all at one time; nothing is changed. */
export async function checkSwitches(config: Config): Promise<Finding[]> {
  const switches = createSwitches(() => config);
  const never = new AbortController().signal;
  return Promise.all(
    (await switches.definitions()).map(async (definition) => {
      const subject = `switch ${definition.name}`;
      try {
        await switches.compare(definition, [], never);
        return ok(subject, `${switchInWords(definition)} takes the login.`);
      } catch (error) {
        if (!(error instanceof SwitchError)) {
          throw error;
        }
        return problem(
          subject,
          `${switchInWords(definition)}: ${error.message}`,
          `Look whether the switch is up, and at its table in ${config.ironic_networking.switch_config_file}.`,
        );
      }
    }),
  );
}
