/** Where something stands in a file. Lines and columns count from 1. */
export interface Place {
  file: string;
  line: number;
  column: number;
}

/** One line of what is wrong with a file or a batch: where, which key, what, and what would be right. */
export interface Problem {
  place?: Place;
  /** Dotted path of the key, such as `servers.github.timeout`. */
  key?: string;
  /** What was found and what would be right, in one sentence or two. */
  message: string;
}

/** `file:line:column`, the form that editors and terminals turn into a link. */
export function renderPlace(place: Place): string {
  return `${place.file}:${place.line}:${place.column}`;
}

/** A problem as one line: `marshal.yaml:8:10 servers.github.timeout: "30 parsecs" is not a duration; write 500ms, 30s or 2m`. */
export function renderProblem(problem: Problem): string {
  const where = [problem.place && renderPlace(problem.place), problem.key && `${problem.key}:`]
    .filter(Boolean)
    .join(' ');
  return where ? `${where} ${problem.message}` : problem.message;
}
