// The server's configuration code, which the command line needs without loading the server itself.
export * from '@wrought/server/config';
