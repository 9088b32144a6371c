// lan and user: how the BMC is reached, and by whom.
import {
  CompletionCodeError,
  type Connection,
  getChannelInfo,
  getLanParameter,
  getUserAccess,
  getUserName,
  lanParameters,
  presentChannel,
} from '@wrought/ipmi';
import type { Command } from 'commander';
import type { Bmc } from './bmc.ts';
import { parseByte } from './numbers.ts';
import { showFields, showTable } from './show.ts';

/** The community string is left out: it is a secret of its own. */
const shownParameters = [
  'ipAddressSource',
  'ipAddress',
  'subnetMask',
  'macAddress',
  'defaultGateway',
  'defaultGatewayMac',
  'backupGateway',
  'vlanId',
  'vlanPriority',
  'bmcGeneratedArp',
  'authenticationTypeEnables',
  'ipv6Support',
  'ipv6Enables',
] as const satisfies readonly (keyof typeof lanParameters)[];

/** "There is no such parameter", in the words that BMCs use for it. */
const lacking: ReadonlySet<number> = new Set([0x80, 0xc9, 0xcb, 0xcc]);

async function ifPresent<Value>(read: Promise<Value>): Promise<{ readonly value: Value } | undefined> {
  try {
    return { value: await read };
  } catch (error) {
    if (error instanceof CompletionCodeError && lacking.has(error.code)) return undefined;
    throw error;
  }
}

/** The suites, each with the highest privilege level that it is good for where the BMC tells. */
async function cipherSuites(connection: Connection, channel: number): Promise<string[]> {
  const suites = await ifPresent(getLanParameter(connection, channel, lanParameters.cipherSuites));
  const levels = await ifPresent(getLanParameter(connection, channel, lanParameters.cipherSuitePrivileges));
  return (suites?.value ?? []).map((suite, index) => `${suite} ${levels?.value[index] ?? ''}`.trimEnd());
}

async function ipv6Addresses(connection: Connection, channel: number) {
  const status = await ifPresent(getLanParameter(connection, channel, lanParameters.ipv6Status));
  if (status === undefined) return [];
  const kinds = [
    { parameter: lanParameters.ipv6StaticAddress, count: status.value.staticAddresses },
    { parameter: lanParameters.ipv6DynamicAddress, count: status.value.dynamicAddresses },
  ];
  const addresses: string[] = [];
  for (const { parameter, count } of kinds) {
    for (let set = 0; set < count; set += 1) {
      const found = await ifPresent(getLanParameter(connection, channel, parameter, { set }));
      if (found === undefined || found.value.address === '::') continue;
      addresses.push(`${found.value.address}/${found.value.prefixLength}`);
    }
  }
  return addresses;
}

export function defineNetwork(commands: Command, { context, inSession }: Bmc): void {
  const lan = commands.command('lan').description("the BMC's network");
  lan
    .command('print')
    .description('addresses, VLAN, cipher suites; what the BMC does not tell is left out')
    .argument('[channel]', 'which channel (default: the one that is asked over)', parseByte, presentChannel)
    .action((channel: number) =>
      inSession(async (session) => {
        const { channel: number, medium } = await getChannelInfo(session, channel);
        const found: Record<string, unknown> = { channel: number, medium };
        for (const name of shownParameters) {
          const read = await ifPresent<unknown>(getLanParameter<unknown>(session, channel, lanParameters[name]));
          if (read !== undefined) found[name] = read.value;
        }
        const suites = await cipherSuites(session, channel);
        const addresses = await ipv6Addresses(session, channel);
        showFields(context, {
          ...found,
          ...(suites.length === 0 ? {} : { cipherSuites: suites }),
          ...(addresses.length === 0 ? {} : { ipv6Addresses: addresses }),
        });
      }),
    );
  const user = commands.command('user').description('users of the BMC');
  user
    .command('list')
    .description('users that have a name or may log in, and what they may do')
    .argument('[channel]', 'which channel (default: the one that is asked over)', parseByte, presentChannel)
    .action((channel: number) =>
      inSession(async (session) => {
        const users: object[] = [];
        let maximum = 1;
        for (let id = 1; id <= maximum; id += 1) {
          const { maximumUsers, state, ipmiMessaging, privilegeLimit } = await getUserAccess(session, channel, id);
          maximum = maximumUsers;
          const name = await getUserName(session, id);
          // Ids that nobody has; the null user is somebody once it may log in.
          if (!name && !ipmiMessaging) continue;
          users.push({ id, name: name ?? '', privilege: privilegeLimit, ipmi: ipmiMessaging, state });
        }
        showTable(context, users, ['id', 'name', 'privilege', 'ipmi', 'state']);
      }),
    );
}
