// What other packages use of the server: starting it.
export { type Role, type RunningServer, type ServerOptions, startServer } from './main.ts';
