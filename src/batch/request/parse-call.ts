import { withoutClientPrefix } from '../../catalog/client-prefix.ts';
import { isJsonObject } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';
import type { CallError } from '../../core/outcome.ts';
import type { CallRequest } from './batch-request.ts';
import { describeUnknownField, findCountProblem, quote } from './request-fields.ts';
import { argumentsTooLong, maxArgumentChars, scanArguments } from './scan-arguments.ts';

const fields = ['tool', 'arguments', 'id', 'timeoutMs', 'maxChars'];
const laterFields = new Set(['dependsOn', 'forEach', 'select']);
const toolSpellings = ['tool', 'name'];
const argumentSpellings = ['arguments', 'args', 'input', 'parameters'];
// How model APIs mark a tool call; the mark says nothing that we need.
const typesOfCalls = ['function', 'function_call', 'tool_use'];
const ownTools = new Set(['batch_call', 'batch_read']);
const idForm = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;

/** One entry of `calls` before it has an id: `givenId` is absent where none of a good form was given. */
export type ParsedCall = Omit<CallRequest, 'index' | 'id' | 'maxChars'> & { givenId?: string; maxChars?: number };

/** Reads one entry of `calls`, in any spelling that models use. Whatever is wrong with it is its own `problem`, all of it at once. */
export function parseCall(entry: unknown): ParsedCall {
  if (!isJsonObject(entry)) return broken(`${quote(entry)} is not a call; write { "tool": …, "arguments": { … } }`);
  const wrong: string[] = [];
  const own = unfold(entry);
  const tool = readTool(own, wrong);
  const { args, limit } = readArguments(own, wrong);
  for (const field of ['timeoutMs', 'maxChars']) {
    const problem = findCountProblem(own[field]);
    if (problem !== undefined) wrong.push(`${field}: ${problem}`);
  }
  const id = own['id'];
  const isGoodId = typeof id === 'string' && idForm.test(id);
  if (id !== undefined && !isGoodId) {
    wrong.push(`id: ${quote(id)} is not an id; write a letter, then letters, digits, _ or -, at most 64 in all`);
  }
  wrong.push(...findFieldProblems(own));
  const problem = wrong.length > 0 ? invalid(wrong.join('; ')) : (limit ?? scanArguments(args));
  return {
    tool,
    arguments: problem === undefined ? args : {},
    ...(isGoodId && { givenId: id }),
    ...(problem === undefined ? readCounts(own) : { problem }),
  };
}

/** OpenAI's shape puts name and arguments one level down, under `function`. */
function unfold(entry: JsonObject): JsonObject {
  const { function: inner, ...outer } = entry;
  if (inner === undefined) return outer;
  return isJsonObject(inner) ? { ...outer, ...inner } : entry;
}

function readTool(own: JsonObject, wrong: string[]): string {
  const given = toolSpellings.filter((spelling) => own[spelling] !== undefined);
  const tool = own[given[0] ?? 'tool'];
  if (given.length > 1) wrong.push('the tool is named twice, as "tool" and as "name"; keep "tool"');
  if (tool === undefined) wrong.push('no tool; write "tool": "server__tool"');
  else if (typeof tool !== 'string' || tool === '') wrong.push(`tool: ${quote(tool)} is not the name of a tool`);
  else if (ownTools.has(withoutClientPrefix(tool).toLowerCase()))
    wrong.push(`a batch cannot hold a batch; put the calls of ${quote(tool)} beside this one`);
  return typeof tool === 'string' ? tool.slice(0, 200) : '';
}

function readArguments(own: JsonObject, wrong: string[]): { args: JsonObject; limit?: CallError } {
  const given = argumentSpellings.filter((spelling) => own[spelling] !== undefined);
  if (given.length > 1) wrong.push(`arguments are given twice, as ${given.map((s) => `"${s}"`).join(' and ')}`);
  const spelling = given[0];
  if (spelling === undefined) return { args: {} };
  const found = own[spelling];
  if (isJsonObject(found)) return { args: found };
  if (typeof found === 'string' && found.length > maxArgumentChars) {
    return { args: {}, limit: { code: 'limit_exceeded', message: argumentsTooLong, retryable: false } };
  }
  const parsed = typeof found === 'string' ? parseJson(found) : undefined;
  if (isJsonObject(parsed)) return { args: parsed };
  const what = typeof found === 'string' ? 'a string that does not hold a JSON object' : quote(found);
  wrong.push(`${spelling}: found ${what}; write an object such as { "path": "notes.md" }, or leave it out for {}`);
  return { args: {} };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function findFieldProblems(own: JsonObject): string[] {
  const known = new Set([...fields, ...toolSpellings, ...argumentSpellings]);
  return Object.entries(own).flatMap(([field, value]) => {
    if (known.has(field) || value === undefined) return [];
    if (field === 'type' && typesOfCalls.some((type) => type === value)) return [];
    if (field === 'server') return ['"server" is not a field here; put it before the tool\'s name: "server__tool"'];
    if (laterFields.has(field)) {
      return [
        `"${field}" arrives with a later version of mcp-marshal; leave it out and send what depends in a second batch`,
      ];
    }
    return [describeUnknownField(field, fields)];
  });
}

function readCounts(own: JsonObject): Pick<ParsedCall, 'timeoutMs' | 'maxChars'> {
  const { timeoutMs, maxChars } = own;
  return {
    ...(typeof timeoutMs === 'number' && { timeoutMs }),
    ...(typeof maxChars === 'number' && { maxChars }),
  };
}

function broken(message: string): ParsedCall {
  return { tool: '', arguments: {}, problem: invalid(message) };
}

function invalid(message: string): CallError {
  return { code: 'invalid_arguments', message, retryable: false };
}
