// What other packages use of the server: starting it.
export { type RunningServer, type ServerOptions, startServer } from './main.ts';
