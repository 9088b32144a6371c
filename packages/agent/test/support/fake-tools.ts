// Answers for the tools that hardware code runs, and remembers what was run.
import { ProgramError, type Run, type RunResult } from '../../src/process.ts';

export type ToolAnswer = string | { stdout?: string; exitCode: number };
export type FakeTools = { run: Run; calls: string[] };

/** @param answers by the beginning of the command line; the longest that fits answers, without one a tool is absent. */
export function fakeTools(answers: { [command: string]: ToolAnswer | (() => ToolAnswer) }): FakeTools {
  const calls: string[] = [];
  const run: Run = async (program, args, options = {}) => {
    const command = [program, ...args].join(' ');
    calls.push(command);
    const key = Object.keys(answers)
      .filter((candidate) => command.startsWith(candidate))
      .sort((left, right) => right.length - left.length)[0];
    const given = key === undefined ? undefined : answers[key];
    const answer = typeof given === 'function' ? given() : given;
    if (answer === undefined) throw new ProgramError(`${command} could not be started`, null, '', '');
    const result: RunResult =
      typeof answer === 'string'
        ? { stdout: answer, stderr: '', exitCode: 0 }
        : { stdout: answer.stdout ?? '', stderr: '', exitCode: answer.exitCode };
    if (!(options.okExitCodes ?? [0]).includes(result.exitCode)) {
      throw new ProgramError(
        `"${command}" ended with exit code ${result.exitCode}`,
        result.exitCode,
        result.stdout,
        '',
      );
    }
    return result;
  };
  return { run, calls };
}

export const quietLog = {
  info: () => undefined,
  warning: () => undefined,
  debug: () => undefined,
  lines: () => [],
};
