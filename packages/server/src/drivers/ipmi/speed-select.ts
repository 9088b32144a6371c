// Intel Speed Select: sets the performance profile of each processor by an OEM command of Intel's BMCs.
import { type JsonObject, registeredError } from '@wrought/contract';
import { done, type ManagementInterface, type Step, step } from '../kit/index.ts';
import type { IpmiBackend } from './backend.ts';
import { ipmitoolManagement } from './management.ts';

/** Profiles by the value that stands for them, as users write it. */
const profiles = ['0x00', '0x01', '0x02'];
const MOST_SOCKETS = 16;

/** Network function 0x2c, command 0x41, and what says that a profile is set; the socket and the profile follow. */
const SET_PROFILE = [0x2c, 0x41, 0x04, 0x00];

/** @throws InvalidParameterValue */
function readArguments({ intel_speedselect_config: profile, socket_count: sockets = 1 }: JsonObject) {
  if (typeof profile !== 'string' || !profiles.includes(profile)) {
    throw registeredError('InvalidParameterValue', {
      reason: `intel_speedselect_config is ${JSON.stringify(profile)}; allowed: ${profiles.join(', ')}.`,
    });
  }
  const count = Number(sockets);
  if (!(Number.isInteger(count) && count >= 1 && count <= MOST_SOCKETS)) {
    throw registeredError('InvalidParameterValue', {
      reason: `socket_count is ${JSON.stringify(sockets)}; allowed: a whole number from 1 to ${MOST_SOCKETS}.`,
    });
  }
  return { profile: Number(profile), count };
}

function configure(backend: IpmiBackend): Step {
  return step({
    interface: 'management',
    step: 'configure_intel_speedselect',
    kinds: ['deploy'],
    priority: 200,
    abortable: true,
    // The same profile may be set twice.
    recovery: 'repeat',
    argsinfo: {
      intel_speedselect_config: { description: `The profile: ${profiles.join(', ')}.`, required: true },
      socket_count: { description: 'How many processors the machine has; 1 when left out.' },
    },
    async execute(task, args) {
      // It is part of every deployment, and does nothing where no template asks for a profile.
      if (args.intel_speedselect_config === undefined) {
        return done();
      }
      const { profile, count } = readArguments(args);
      for (let socket = 0; socket < count; socket += 1) {
        await backend.sendRaw(task, [...SET_PROFILE, socket, profile]);
      }
      task.record({ kind: 'bmc', message: `Speed Select profile ${profile} was set for ${count} processors.` });
      return done();
    },
  });
}

/** Management interface "intel-ipmitool". */
export function intelManagement(backend: IpmiBackend): ManagementInterface {
  return { ...ipmitoolManagement(backend), name: 'intel-ipmitool', steps: [configure(backend)] };
}
