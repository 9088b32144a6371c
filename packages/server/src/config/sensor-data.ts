// Options of the readings of sensors: temperatures, fans, voltages and what else a BMC measures.
import { boolean, integer, textList } from './option.ts';

export const sensorData = {
  send_sensor_data: boolean({
    default: false,
    description:
      'Read the sensors of the machines, tell them to every sink of `events.sinks`, and show them as metrics where `metrics.listen` is set.',
  }),
  interval: integer({
    default: 600,
    minimum: 1,
    unit: 'seconds',
    description: 'Pause between the end of one round over all machines and the begin of the next.',
  }),
  workers: integer({
    default: 64,
    minimum: 1,
    reloadable: true,
    description:
      'Most BMCs whose sensors are read at one time by one conductor. With ipmi.backend=ipmitool four for each core at most.',
  }),
  wait_timeout: integer({
    default: 300,
    minimum: 1,
    unit: 'seconds',
    reloadable: true,
    description: 'How long the sensors of one machine may take.',
  }),
  data_types: textList({
    default: ['ALL'],
    reloadable: true,
    description: 'Types of sensors that are told, such as ["Temperature", "Fan"]; "ALL" stands for all.',
  }),
  enable_for_undeployed_nodes: boolean({
    default: false,
    reloadable: true,
    description:
      'Read the sensors of machines without an instance, too. Nodes in maintenance are left out in any case.',
  }),
  amqp_topics: textList({
    default: ['notifications'],
    description: 'Topics of readings in the sink "amqp"; routing keys and queues are TOPIC.info.',
  }),
} as const;
