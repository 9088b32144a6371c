// mc, raw and ping: the BMC itself, and any command in bytes.
import { coldReset, getDeviceId, getSelfTestResults, getSystemGuid, warmReset } from '@wrought/ipmi';
import { Argument, type Command } from 'commander';
import { collect } from '../arguments.ts';
import type { Bmc } from './bmc.ts';
import { millisecondsOf } from './connection-options.ts';
import { parseByte } from './numbers.ts';
import { showFields } from './show.ts';

const resets = { warm: warmReset, cold: coldReset } as const;
const bytesALine = 16;

export function defineController(commands: Command, bmc: Bmc): void {
  const { context, inSession } = bmc;
  const controller = commands.command('mc').description('the BMC itself');
  controller
    .command('info')
    .description('make, firmware, and what it can do')
    .action(() =>
      inSession(async (session) => {
        const { firmwareMajor, firmwareMinor, ...device } = await getDeviceId(session);
        const firmware = `${firmwareMajor}.${String(firmwareMinor).padStart(2, '0')}`;
        showFields(context, { firmware, ...device });
      }),
    );
  controller
    .command('guid')
    .description('the GUID of the machine in the orders of bytes that BMCs use')
    .action(() =>
      inSession(async (session) => {
        const { as, plausible } = await getSystemGuid(session);
        showFields(context, { ...as, plausible });
      }),
    );
  controller
    .command('reset')
    .description('restart the BMC; the machine goes on')
    .addArgument(new Argument('<how>').choices(Object.keys(resets)))
    .action((how: keyof typeof resets) =>
      inSession(async (session) => {
        await resets[how](session);
        showFields(context, { accepted: `${how} reset` });
      }),
    );
  controller
    .command('selftest')
    .description('the result of its self test')
    .action(() => inSession(async (session) => showFields(context, await getSelfTestResults(session))));
  defineRaw(commands, bmc);
  definePing(commands, bmc);
}

function defineRaw(commands: Command, { context, inSession }: Bmc): void {
  commands
    .command('raw')
    .description('send any command; bytes are decimal, or hexadecimal after 0x')
    .argument('<netfn>', 'network function', parseByte)
    .argument('<command>', 'number of the command', parseByte)
    .argument('[bytes...]', 'its data', collect(parseByte))
    .option('--lun <number>', 'logical unit', parseByte, 0)
    .action((netFn: number, command: number, bytes: readonly number[] | undefined, { lun }: { lun: number }) =>
      inSession(async (session) => {
        const request = { netFn, command, lun, data: Uint8Array.from(bytes ?? []) };
        const data = await session.request(request, { repeatable: false });
        if (context.options().format === 'json') {
          showFields(context, { data });
          return;
        }
        for (let at = 0; at < data.length; at += bytesALine) {
          context.print(
            data
              .subarray(at, at + bytesALine)
              .toString('hex')
              .replace(/..(?=.)/g, '$& '),
          );
        }
      }),
    );
}

function definePing(commands: Command, { context, host, options, withClient }: Bmc): void {
  commands
    .command('ping')
    .description('whether a BMC is there (ASF presence ping); needs no login')
    .action(() =>
      withClient(async (client) => {
        const port = options.port === undefined ? {} : { port: options.port };
        const pong = await client.ping(host, { ...port, ...millisecondsOf(options) });
        const { supportsIpmi, supportedInteractions, enterprise } = pong;
        showFields(context, { host, supportsIpmi, supportedInteractions, enterprise });
      }),
    );
}
