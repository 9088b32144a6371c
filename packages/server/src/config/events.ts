// Options of the events that are told to the outside.
import { boolean, booleanOrPath, choice, integer, path, text, textList, url } from './option.ts';

export const events = {
  sinks: textList({
    default: [],
    allowed: ['log', 'webhook', 'amqp', 'nats'],
    description:
      'Where events go. Each sink gets every event at least once, in order, and goes on where it was after an outage.',
  }),
  record: choice({
    default: 'states',
    allowed: ['states', 'all'],
    description:
      'Which events are written where no sink is named, for GET /wrought/v1/events: changes of provision state and power, or also ' +
      'the making, changing and deleting of nodes, ports and all other objects. With a sink it is always all.',
  }),
  max_listeners: integer({
    default: 500,
    minimum: 0,
    reloadable: true,
    description: 'Streams of GET /wrought/v1/events that one process has open at a time; what is over is answered 503.',
  }),
  batch_size: integer({
    default: 100,
    minimum: 1,
    maximum: 1000,
    description: 'Events that are delivered to a sink at once.',
  }),
  timeout: integer({
    default: 10,
    minimum: 1,
    maximum: 30,
    unit: 'seconds',
    description: 'How long a sink may take for a batch of events.',
  }),
  retry_maximum: integer({
    default: 60,
    minimum: 1,
    unit: 'seconds',
    description: 'The pause after a failure begins with one second and doubles with each further one, up to this.',
  }),
  undelivered_retention_days: integer({
    default: 180,
    minimum: 1,
    unit: 'days',
    reloadable: true,
    description:
      'Events that a sink has not had are kept so long, and at least as long as others (conductor.finished_work_retention_days). What ' +
      'is lost after that is logged.',
  }),
  log_file: path({
    default: null,
    description: 'The file of the sink "log", one JSON object a line. Unset: the standard error output.',
  }),
  webhook_url: url({ default: null, secret: true, description: 'Where the sink "webhook" posts events to.' }),
  webhook_secret: text({
    default: null,
    secret: true,
    description: 'Key of the HMAC-SHA256 signature of each post. Unset: posts are not signed.',
  }),
  webhook_verify_ca: booleanOrPath({
    default: true,
    description:
      'How the certificate of the webhook is verified: by the CAs of the system, by this CA file, or not at all.',
  }),
  amqp_url: url({
    default: null,
    schemes: ['amqp', 'amqps'],
    secret: true,
    description: 'The message broker of the sink "amqp", such as "amqp://user:password@rabbit.example.org:5672/".',
  }),
  amqp_verify_ca: booleanOrPath({
    default: true,
    description:
      'How the certificate of a broker with an amqps URL is verified: by the CAs of the system, by this CA file, or not at all.',
  }),
  amqp_exchange: text({ default: 'ironic', description: 'The topic exchange of notifications.' }),
  amqp_durable_queues: boolean({
    default: false,
    description: 'Whether exchange and queues outlive the broker; it has to be as for the other services on the bus.',
  }),
  versioned_notifications_topics: textList({
    default: ['ironic_versioned_notifications'],
    description: 'Topics of notifications; routing keys and queues are TOPIC.LEVEL.',
  }),
  notification_level: choice({
    default: 'info',
    allowed: ['debug', 'info', 'warning', 'error', 'critical'],
    description:
      'The lowest level of notifications that the sink "amqp" sends. Failures have the level error, all others info.',
  }),
  nats_url: url({
    default: null,
    schemes: ['nats', 'tls'],
    secret: true,
    description: 'The server of the sink "nats", such as "nats://user:password@nats.example.org:4222".',
  }),
  nats_verify_ca: booleanOrPath({
    default: true,
    description:
      'How the certificate of a server with a tls URL is verified: by the CAs of the system, by this CA file, or not at all.',
  }),
  nats_stream: text({
    default: 'WROUGHT',
    description: 'The JetStream stream that takes events; it is made when it is not there.',
  }),
  nats_subject: text({
    default: 'wrought.events',
    description: 'What subjects begin with; the event type follows it.',
  }),
} as const;
