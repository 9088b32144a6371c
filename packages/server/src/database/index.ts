// What the command line does with databases: look at them, upgrade, copy, back up and restore.
export { type BackupResult, backupDatabase } from './backup.ts';
export { type CopiedTable, type CopyResult, copyDatabase } from './copy.ts';
export { readLocation } from './location.ts';
export { type RestoreResult, restoreDatabase } from './restore.ts';
export { type DatabaseStatus, databaseStatus } from './status.ts';
export { type UpgradeResult, upgradeDatabase } from './upgrade.ts';
