import type { Problem } from '../core/place.ts';
import { renderProblem } from '../core/place.ts';

/** A configuration or policy that cannot be used, with every problem of all its files, sorted by file and place. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly Problem[];
  /** What is odd but would not have stopped the program by itself. */
  readonly warnings: readonly Problem[];

  constructor(problems: readonly Problem[], warnings: readonly Problem[] = []) {
    const sorted = sortProblems(problems);
    super(sorted.map(renderProblem).join('\n'));
    this.problems = sorted;
    this.warnings = sortProblems(warnings);
  }
}

/** Problems by file, line and column, each once; those without a place come first. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  const once = new Map(problems.map((problem) => [renderProblem(problem), problem]));
  return [...once.values()].sort(comparePlaces);
}

function comparePlaces({ place: a }: Problem, { place: b }: Problem): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}
