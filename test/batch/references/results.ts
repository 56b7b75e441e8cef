import type { JsonObject, JsonValue } from '../../../src/core/json.ts';
import type { Outcome, Status } from '../../../src/core/outcome.ts';

/** As the filesystem server answers `list_directory`, `search_files` and `directory_tree`: the text twice. */
export function filesResult(text: string): JsonObject {
  return { content: [{ type: 'text', text }], structuredContent: { content: text } };
}

export const listing = filesResult('[DIR] docs\n[FILE] notes.md\n\n[FILE] plan.md');

export const tree = filesResult(
  JSON.stringify(
    [
      { name: 'docs', type: 'directory', children: [{ name: 'a.md', type: 'file' }] },
      { name: 'notes.md', type: 'file' },
    ],
    undefined,
    2,
  ),
);

const graph = {
  entities: [
    { name: 'Ada', entityType: 'person', observations: ['wrote the first program', 'liked horses'] },
    { name: 'Engine', entityType: 'machine', observations: [] },
  ],
  relations: [{ from: 'Ada', to: 'Engine', relationType: 'programmed' }],
};

/** As the memory server answers `open_nodes`. */
export const nodes: JsonObject = {
  content: [{ type: 'text', text: JSON.stringify(graph, undefined, 2) }],
  structuredContent: graph,
};

export function textResult(...texts: string[]): JsonObject {
  return { content: texts.map((text) => ({ type: 'text', text })) };
}

/** How a call ended; without `result` for one that answered nothing. */
export function outcomeOf(result?: JsonObject, status: Status = 'ok'): Outcome {
  const times = { attempts: 1, queuedMs: 0, runMs: 1, startedMs: 0 };
  return { status, applied: 'no', ...times, ...(result && { result }) };
}

export function eachOf(...items: Outcome[]): Outcome {
  return { ...outcomeOf(), status: items.find(({ status }) => status !== 'ok')?.status ?? 'ok', items };
}

/** An array in an array in an array…, deeper than recursive code could go. */
export function deepArray(levels: number): JsonValue {
  let value: JsonValue = [];
  for (let level = 1; level < levels; level++) value = [value];
  return value;
}
