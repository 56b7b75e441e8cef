import { withoutClientPrefix } from '../../catalog/client-prefix.ts';
import { isJsonObject } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';
import type { CallError, ErrorCode } from '../../core/outcome.ts';
import { recipePrefix } from '../../core/tool.ts';
import { unbatchedNames } from '../own-tools.ts';
import { parseReference } from '../references/parse-reference.ts';
import type { Reference } from '../references/reference.ts';
import { parseSelect } from '../references/select-values.ts';
import type { CallRequest } from './batch-request.ts';
import type { Naming } from './link-calls.ts';
import { parseDependsOn } from './parse-depends-on.ts';
import { argumentSpellings, readArguments } from './read-arguments.ts';
import { describeFirst, describeUnknownField, findCountProblem, quote } from '../input/field-problems.ts';
import { scanArguments } from '../input/scan-arguments.ts';

const fields = ['tool', 'arguments', 'id', 'dependsOn', 'forEach', 'select', 'timeoutMs', 'maxChars'];
const toolSpellings = ['tool', 'name'];
const knownFields = new Set([...fields, ...toolSpellings, ...argumentSpellings]);
// How model APIs mark a tool call; the mark says nothing that we need.
const typesOfCalls = ['function', 'function_call', 'tool_use'];
const idForm = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;

/** One entry of `calls` before it has an id (`givenId` is absent where none of a good form was given) and before its names are looked up. */
export type ParsedCall = Omit<CallRequest, 'index' | 'id' | 'maxChars' | 'ownMaxChars' | 'needs'> &
  Omit<Naming, 'id'> & { givenId?: string; maxChars?: number };

/**
 * Reads one entry of `calls`, in any spelling that models use. Whatever is wrong with it is its own `problem`, all of it at once.
 * `params`: it may ask for the parameters of a recipe. `before` is how many calls stand before it.
 */
export function parseCall(
  entry: unknown,
  { params = false, before }: { params?: boolean; before?: number } = {},
): ParsedCall {
  if (!isJsonObject(entry)) return broken(`${quote(entry)} is not a call; write { "tool": …, "arguments": { … } }`);
  const own = unfold(entry);
  const isEach = own['forEach'] !== undefined;
  const { name, problems: wrong } = readTool(own);
  const read = readArguments(own, { item: isEach, param: params });
  wrong.push(...read.problems);
  for (const field of ['timeoutMs', 'maxChars']) {
    const problem = findCountProblem(own[field]);
    if (problem !== undefined) wrong.push(`${field}: ${problem}`);
  }
  const id = own['id'];
  const isGoodId = typeof id === 'string' && idForm.test(id);
  if (id !== undefined && !isGoodId) {
    wrong.push(`id: ${quote(id)} is not an id; write a letter, then letters, digits, _ or -, at most 64 in all`);
  }
  const dependsOn = parseDependsOn(own['dependsOn'], before);
  const select = own['select'] === undefined ? undefined : parseSelect(own['select']);
  const each = isEach ? readForEach(own['forEach']) : {};
  wrong.push(...dependsOn.problems, ...(each.wrong ?? []));
  if (select?.ok === false) wrong.push(...select.problems.map((problem) => `select: ${problem}`));
  wrong.push(...findFieldProblems(own));

  const badReferences = [...(each.badReferences ?? []), ...read.badReferences];
  const limit = read.limit ?? each.limit;
  const problem = wrong.length + badReferences.length > 0 ? invalid(wrong, badReferences) : limit;
  return {
    tool: name,
    arguments: problem === undefined ? read.args : {},
    isOpen: problem === undefined && (isEach || read.holes.length > 0),
    holes: problem === undefined ? read.holes : [],
    dependsOn: dependsOn.named,
    references: each.forEach === undefined ? read.references : [nameForEach(each.forEach), ...read.references],
    suspects: read.suspects,
    ...(isEach && problem === undefined && { usesItem: read.usesItem }),
    ...(isGoodId && { givenId: id }),
    ...(problem === undefined
      ? {
          ...readCounts(own),
          ...(each.forEach !== undefined && { forEach: each.forEach }),
          ...(select?.ok === true && { select: select.select }),
        }
      : { problem }),
  };
}

/** OpenAI's shape puts name and arguments one level down, under `function`. */
function unfold(entry: JsonObject): JsonObject {
  if (entry['function'] === undefined) return entry;
  const { function: inner, ...outer } = entry;
  return isJsonObject(inner) ? { ...outer, ...inner } : entry;
}

function readTool(own: JsonObject): { name: string; problems: string[] } {
  const given = toolSpellings.filter((spelling) => own[spelling] !== undefined);
  const tool = own[given[0] ?? 'tool'];
  const problems = given.length > 1 ? ['the tool is named twice, as "tool" and as "name"; keep "tool"'] : [];
  if (tool === undefined) problems.push('no tool; write "tool": "server__tool"');
  else if (typeof tool !== 'string' || tool === '') problems.push(`tool: ${quote(tool)} is not the name of a tool`);
  else if (isOwnTool(withoutClientPrefix(tool).toLowerCase()))
    problems.push(`a batch cannot hold a batch; put the calls of ${quote(tool)} beside this one`);
  return { name: typeof tool === 'string' ? tool.slice(0, 200) : '', problems };
}

function isOwnTool(name: string): boolean {
  return unbatchedNames.has(name) || name.startsWith(recipePrefix);
}

function nameForEach({ id, pointer }: Reference): Naming['references'][number] {
  return { at: 'forEach', id, pointer };
}

/** What a call runs over; `wrong` and `badReferences` are what is wrong with its form, and with the reference itself. */
function readForEach(value: unknown): {
  forEach?: Reference;
  limit?: CallError;
  wrong?: string[];
  badReferences?: string[];
} {
  if (!isJsonObject(value)) {
    return { wrong: [`forEach: found ${quote(value)}; write { "$result": "c0", "path": "/items" }`] };
  }
  const limit = scanArguments(value);
  if (limit !== undefined) return { limit };
  const parsed = parseReference(value);
  return parsed.ok ? { forEach: parsed.reference } : { badReferences: [`forEach: ${parsed.reason}`] };
}

function findFieldProblems(own: JsonObject): string[] {
  const unknown = Object.keys(own).filter((field) => {
    if (knownFields.has(field) || own[field] === undefined) return false;
    return field !== 'type' || !typesOfCalls.some((type) => type === own[field]);
  });
  return describeFirst(unknown, (field) =>
    field === 'server'
      ? '"server" is not a field here; put it before the tool\'s name: "server__tool"'
      : describeUnknownField(field, fields),
  );
}

function readCounts(own: JsonObject): Pick<ParsedCall, 'timeoutMs' | 'maxChars'> {
  const { timeoutMs, maxChars } = own;
  return {
    ...(typeof timeoutMs === 'number' && { timeoutMs }),
    ...(typeof maxChars === 'number' && { maxChars }),
  };
}

function broken(message: string): ParsedCall {
  const problem = invalid([message], []);
  return { tool: '', arguments: {}, isOpen: false, holes: [], dependsOn: [], references: [], suspects: [], problem };
}

/** All that is wrong in one message; what is wrong with the form of the call gives the code. */
function invalid(wrong: readonly string[], badReferences: readonly string[]): CallError {
  const code: ErrorCode = wrong.length > 0 ? 'invalid_arguments' : 'invalid_reference';
  return { code, message: [...wrong, ...badReferences].join('; '), retryable: false };
}
