// Why consoles end by what happens to them, whatever kind they are of.
import { type ConsoleEnd, consoleEndCodes } from '@wrought/contract';

export const consoleClosed: ConsoleEnd = { code: consoleEndCodes.closed, reason: 'the console was closed' };
export const serverStops: ConsoleEnd = { code: consoleEndCodes.stopping, reason: 'the server stops' };
