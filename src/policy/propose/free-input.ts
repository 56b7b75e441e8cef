import { isJsonObject } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Tool } from '../../core/tool.ts';
import { wordsOf } from './verb-of-name.ts';

/** What a tool runs that it is given as text: it does whatever that text says. */
export interface FreeInput {
  kind: 'commands' | 'code' | 'SQL' | 'stages';
  /** The argument that holds it. */
  argument: string;
}

/** Whether a tool takes commands, code, SQL or the stages of an aggregation. By the names of its arguments, and by its own where those alone say too little. */
export function freeInputOf({ name, description = '', inputSchema }: Tool): FreeInput | undefined {
  const words = new Set(wordsOf(name));
  const runs = runWords.some((word) => words.has(word));
  // What a server says of its tool is not held to any length.
  const speaksOfSql = words.has('sql') || /\bSQL\b/i.test(description.slice(0, maxDescriptionChars));
  for (const [argument, schema] of textArgumentsOf(inputSchema)) {
    const written = wordsOf(argument).join(' ');
    if (['shell', 'bash', 'shell command', 'command line'].includes(written)) return { kind: 'commands', argument };
    if (['command', 'cmd', 'commands'].includes(written) && !isListOfWords(schema)) {
      return { kind: 'commands', argument };
    }
    if (/\bsql\b/.test(written) || (speaksOfSql && ['query', 'queries', 'statement'].includes(written))) {
      return { kind: 'SQL', argument };
    }
    // The last stage of an aggregation can write what the others have found.
    if (written === 'pipeline' && words.has('aggregate')) return { kind: 'stages', argument };
    if (['code', 'script', 'function', 'expression', 'javascript', 'python'].includes(written) && runs) {
      return { kind: 'code', argument };
    }
  }
  return undefined;
}

const maxDescriptionChars = 4_000;
const runWords = ['run', 'exec', 'execute', 'eval', 'evaluate', 'script', 'shell', 'terminal', 'interpreter', 'repl'];

/** Arguments that may be any text: one of a few words runs nothing. */
function textArgumentsOf(inputSchema: JsonObject): [string, JsonObject][] {
  const properties = inputSchema['properties'];
  if (!isJsonObject(properties)) return [];
  return Object.entries(properties).flatMap(([name, schema]): [string, JsonObject][] =>
    isJsonObject(schema) && schema['enum'] === undefined && schema['const'] === undefined ? [[name, schema]] : [],
  );
}

function isListOfWords({ items }: JsonObject): boolean {
  return isJsonObject(items) && items['enum'] !== undefined;
}
