// Where the data directory is; on its own, because every command needs it and the whole configuration takes time to load.
export { defaultDataDirectory } from '@wrought/server/data-directory';
