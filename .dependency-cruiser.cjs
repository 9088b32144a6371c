// The arrows between the rooms of the house: who may import whom. `test/arrows.test.ts` plants a violation of each.
const server = '^packages/server/src/';

/** Rooms of the server and what each may import besides itself, the contract, the configuration's types and libraries. */
const rooms = {
  config: [],
  store: [],
  database: ['store', 'data-lock\\.ts'],
  doctor: ['store', 'database', 'boot', 'drivers/(catalog|index)\\.ts', 'network/switches'],
  metrics: ['store', 'drivers/kit', 'flows/engine/observer\\.ts', 'listen\\.ts'],
  tracing: ['store', 'drivers/kit'],
  flows: [
    'store',
    'inspection',
    'drivers/kit',
    'drivers/catalog',
    'cluster',
    'notify',
    'locks',
    'tracing/tracing\\.ts',
  ],
  api: [
    'store',
    'flows/(doors|start|call|signal|screen-refused)\\.ts',
    'listen\\.ts',
    'websocket',
    'drivers/kit/console\\.ts',
    'console/rfb/refused-line\\.ts',
    'openstack',
    'inspection/(rules/regular-expression|cabling)\\.ts',
  ],
  periodic: [
    'flows',
    'store',
    'drivers/kit',
    'boot/(boot-records|file-cache|served-folders)\\.ts',
    'cluster/fenced-error\\.ts',
  ],
  inspection: ['store', 'boot/web\\.ts'],
  cluster: ['store', 'flows/doors\\.ts', 'websocket', 'drivers/kit/console\\.ts'],
  websocket: ['drivers/kit/console\\.ts'],
  boot: ['drivers/kit', 'network/dhcp', 'openstack/cloud\\.ts'],
  network: ['drivers/kit', 'boot', 'openstack'],
  openstack: ['boot/web\\.ts'],
  notify: ['store', 'drivers/kit', 'boot/web\\.ts'],
};

const rules = Object.entries(rooms).map(([room, may]) => ({
  name: `${room}-arrows`,
  comment: `${room} may import only: contract, config, ${may.join(', ') || 'nothing else of ours'}`,
  severity: 'error',
  from: { path: `${server}${room}/` },
  to: {
    path: '^packages/',
    pathNot: [
      '^packages/contract/',
      `${server}(${['config', room]
        .map((name) => `${name}/`)
        .concat(may)
        .join('|')})`,
    ],
  },
}));

module.exports = {
  forbidden: [
    ...rules,
    {
      name: 'drivers-arrows',
      comment:
        'a driver may import drivers/kit, boot, network, openstack, console, the contract, ipmi and redfish; a sibling never',
      severity: 'error',
      from: { path: `${server}drivers/([^/]+)/`, pathNot: `${server}drivers/kit/` },
      to: {
        path: '^packages/',
        pathNot: [
          '^packages/contract/',
          '^packages/(ipmi|redfish)/',
          `${server}drivers/$1/`,
          `${server}drivers/kit/`,
          `${server}(boot|network|openstack|console|config)/`,
        ],
      },
    },
    {
      name: 'kit-arrows',
      comment: 'the driver kit knows only the contract and the types of the configuration',
      severity: 'error',
      from: { path: `${server}drivers/kit/` },
      to: { path: '^packages/', pathNot: ['^packages/contract/', `${server}(drivers/kit|config)/`] },
    },
    {
      name: 'contract-imports-nothing',
      comment: 'the contract has no I/O and imports nothing of ours',
      severity: 'error',
      from: { path: '^packages/contract/src/' },
      to: { path: '^packages/', pathNot: '^packages/contract/' },
    },
    {
      name: 'contract-has-no-io',
      comment: 'the contract has no I/O: no module of Node',
      severity: 'error',
      from: { path: '^packages/contract/src/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'ipmi-imports-nothing',
      comment: 'the IPMI library is used outside this project too: nothing of ours, nothing outside Node',
      severity: 'error',
      from: { path: '^packages/ipmi/src/' },
      to: { dependencyTypesNot: ['core'], pathNot: '^packages/ipmi/src/' },
    },
    {
      name: 'ipmi-is-for-server-and-lab',
      comment: 'only the server (its drivers), the lab and the command line speak IPMI',
      severity: 'error',
      from: { path: '^packages/(contract|agent)/src/' },
      to: { path: '(^packages/|^@wrought/)ipmi(/|$)' },
    },
    {
      name: 'redfish-imports-undici-alone',
      comment: 'the Redfish library is used outside this project too: nothing of ours, and of others undici only',
      severity: 'error',
      from: { path: '^packages/redfish/src/' },
      to: { dependencyTypesNot: ['core'], pathNot: ['^packages/redfish/src/', '^node_modules/undici/'] },
    },
    {
      name: 'redfish-is-for-server-and-lab',
      comment: 'only the server (its drivers), the lab and the command line speak Redfish',
      severity: 'error',
      from: { path: '^packages/(contract|agent|ipmi)/src/' },
      to: { path: '(^packages/|^@wrought/)redfish(/|$)' },
    },
    {
      name: 'lab-is-not-production',
      comment: 'lab is never imported by production code; the command line loads it for `wrought lab`',
      severity: 'error',
      from: { path: '^packages/(contract|ipmi|redfish|server|agent)/src/' },
      to: { path: '(^packages/|^@wrought/)lab(/|$)' },
    },
    {
      name: 'agent-and-lab-know-the-contract-only',
      comment:
        'agent and lab import nothing of the server; a driver of the lab is a third party that uses the driver kit',
      severity: 'error',
      from: { path: '^packages/(agent|lab)/src/' },
      to: { path: '(^packages/|^@wrought/)(server|cli)(/|$)', pathNot: '^packages/server/src/drivers/kit/index.ts$' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'resolvable',
      severity: 'error',
      // What it imports is beside it for browsers alone.
      from: { pathNot: `${server}api/screens/screen\\.js$` },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.js'],
    },
  },
};
