// The error that carries everything that is wrong with a configuration, all at once.

/** One thing that is wrong with a configuration. */
export interface ConfigProblem {
  /** The file that holds it; null when it came from --set, --listen or a default. */
  readonly file: string | null;
  /** Line in that file, counted from 1; null when there is none. */
  readonly line: number | null;
  /** "section.key"; null when the problem is with the file as a whole. */
  readonly key: string | null;
  readonly message: string;
}

/** Thrown when a configuration can not be used; its message lists every problem on a line of its own. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(problems.map(formatProblem).join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/** "FILE:LINE: section.key: what is wrong", or "--set section.key: what is wrong". */
export function formatProblem(problem: ConfigProblem): string {
  const key = problem.key === null ? '' : `${problem.key}: `;
  if (problem.file === null) {
    return problem.key === null ? problem.message : `--set ${key}${problem.message}`;
  }
  const line = problem.line === null ? '' : `:${problem.line}`;
  return `${problem.file}${line}: ${key}${problem.message}`;
}
