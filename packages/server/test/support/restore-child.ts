// A process of its own that restores a backup and is killed at a stage of the exchange.
import { restoreDatabase } from '../../src/database/restore.ts';

const [file = '', path = '', dataDirectory = '', end = ''] = process.argv.slice(2);
await restoreDatabase({
  file,
  path,
  dataDirectory,
  watch(stage) {
    if (stage === end) {
      process.kill(process.pid, 'SIGKILL');
    }
  },
});
