// A process of its own that delivers the outbox of a data directory to a webhook, until it is killed.
import { loadConfig } from '../../src/config/index.ts';
import { startDispatcher } from '../../src/notify/dispatcher.ts';
import { openStore } from '../../src/store/store.ts';
import { silentLog } from '../support/conductor.ts';

const [directory = '', database = '', ...set] = process.argv.slice(2);
const config = loadConfig({ dataDirectory: directory, set });
startDispatcher({ store: await openStore(database), config, log: silentLog });
