import type { BatchConfig } from '../../config/config.ts';
import { isJsonObject } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';
import type { CallError, ErrorCode } from '../../core/outcome.ts';
import { renderProblem } from '../../core/place.ts';
import type { Problem } from '../../core/place.ts';
import type { BatchRequest, CallRequest, Refusal } from './batch-request.ts';
import { linkCalls } from './link-calls.ts';
import { parseCall } from './parse-call.ts';
import type { ParsedCall } from './parse-call.ts';
import { describeUnknownField, findChoiceProblem, findCountProblem, quote } from './request-fields.ts';

const choices = {
  parallel: ['prefer', 'avoid', 'none'],
  onError: ['continue', 'stop'],
  mode: ['run', 'plan'],
  format: ['text', 'structured'],
};
const counts = ['maxParallel', 'deadlineMs', 'maxChars'];
const fields = ['calls', 'parallel', 'maxParallel', 'onError', 'mode', 'deadlineMs', 'maxChars', 'format'];

/**
 * Reads the arguments of `batch_call` and `batch_read`. A broken envelope is refused whole with every problem at once; a broken call
 * becomes that call's own problem, and the others stay. Requests may only tighten what `settings` say, except `onError` and `format`.
 * With `params`, calls may hold `{ "$param": … }`, and stay open until those are filled.
 */
export function parseBatch(
  input: unknown,
  settings: BatchConfig,
  { params = false }: { params?: boolean } = {},
): { ok: true; request: BatchRequest } | Refusal {
  const envelope = Array.isArray(input) ? { calls: input } : input;
  if (!isJsonObject(envelope)) {
    return refuse([{ message: `found ${quote(input)}; write { "calls": [ … ] }` }], settings.format);
  }
  const format =
    envelope['format'] === 'structured' || envelope['format'] === 'text' ? envelope['format'] : settings.format;
  const entries = readEntries(envelope['calls']);
  const problems = findEnvelopeProblems(envelope);
  if (typeof entries === 'string') problems.unshift({ key: 'calls', message: entries });
  else if (entries.length > settings.maxCalls) {
    const message = `${entries.length} calls, and one batch takes at most ${settings.maxCalls}; send them in ${Math.ceil(entries.length / settings.maxCalls)} batches`;
    return refuse([{ key: 'calls', message }, ...problems], format, 'limit_exceeded');
  }
  const parsed = typeof entries === 'string' ? [] : entries.map((entry) => parseCall(entry, { params }));
  problems.push(...findDuplicateIds(parsed));
  if (problems.length > 0) return refuse(problems, format);
  return { ok: true, request: buildRequest({ envelope, parsed, settings, format }) };
}

/** The elements of `calls`, or what is wrong with it as a whole. */
function readEntries(calls: unknown): readonly unknown[] | string {
  let entries = calls;
  if (typeof calls === 'string') {
    try {
      entries = JSON.parse(calls);
    } catch {
      return 'found a string that is not JSON; write an array of calls';
    }
  }
  if (entries === undefined) return 'missing; write an array of { "tool": …, "arguments": { … } }';
  if (!Array.isArray(entries)) return `found ${quote(entries)}; write an array of { "tool": …, "arguments": { … } }`;
  return entries.length === 0 ? 'there are no calls; give at least one' : entries;
}

function findEnvelopeProblems(envelope: JsonObject): Problem[] {
  const problems: Problem[] = [];
  const add = (key: string, message: string | undefined): void => {
    if (message !== undefined) problems.push({ key, message });
  };
  for (const [key, words] of Object.entries(choices)) add(key, findChoiceProblem(envelope[key], words));
  for (const key of counts) add(key, findCountProblem(envelope[key]));
  for (const [key, value] of Object.entries(envelope)) {
    if (fields.includes(key) || value === undefined) continue;
    problems.push({ message: describeField(key) });
  }
  return problems;
}

function describeField(key: string): string {
  if (key === 'idempotencyKey') return `"${key}" arrives with a later version of mcp-marshal; leave it out`;
  if (['tool', 'name', 'arguments'].includes(key)) return `"${key}" belongs inside an element of "calls"`;
  return describeUnknownField(key, fields);
}

function findDuplicateIds(parsed: readonly ParsedCall[]): Problem[] {
  const firstAt = new Map<string, number>();
  return parsed.flatMap(({ givenId }, index): Problem[] => {
    if (givenId === undefined) return [];
    const first = firstAt.get(givenId);
    if (first === undefined) firstAt.set(givenId, index);
    const message = `"${givenId}" is the id of calls[${first}] already; give each call its own, or none`;
    return first === undefined ? [] : [{ key: `calls[${index}].id`, message }];
  });
}

function buildRequest(bag: {
  envelope: JsonObject;
  parsed: readonly ParsedCall[];
  settings: BatchConfig;
  format: BatchConfig['format'];
}): BatchRequest {
  const { envelope, parsed, settings, format } = bag;
  const lowest = (key: string, limit: number): number => {
    const asked = envelope[key];
    return typeof asked === 'number' ? Math.min(asked, limit) : limit;
  };
  const maxChars = lowest('maxChars', settings.maxReplyChars);
  const calls = nameCalls(parsed, maxChars);
  return {
    calls,
    mode: envelope['mode'] === 'plan' ? 'plan' : 'run',
    maxElements: settings.maxCalls,
    parallel: settings.parallel === 'avoid' || envelope['parallel'] === 'avoid' ? 'avoid' : 'prefer',
    maxParallel: lowest('maxParallel', settings.maxParallel),
    onError:
      envelope['onError'] === 'stop' || envelope['onError'] === 'continue' ? envelope['onError'] : settings.onError,
    deadlineMs: lowest('deadlineMs', settings.deadlineMs),
    format,
  };
}

/** Gives each call its id, and finds the calls that it names. */
function nameCalls(parsed: readonly ParsedCall[], maxChars: number): CallRequest[] {
  const taken = new Set(parsed.flatMap(({ givenId }) => givenId ?? []));
  const named = parsed.map(({ givenId, ...call }, index) =>
    Object.assign(call, { id: givenId ?? freeId(index, taken) }),
  );
  const links = linkCalls(named);
  return named.map((one, index) => {
    const { dependsOn: _, references: __, ...call } = one;
    const { needs, problems } = links[index]!;
    const own = { index, needs, maxChars: Math.min(call.maxChars ?? maxChars, maxChars) };
    if (problems.length === 0) return Object.assign(call, own);
    return Object.assign(call, own, { problem: addProblems(call.problem, problems), arguments: {}, isOpen: false });
  });
}

function addProblems(own: CallError | undefined, problems: readonly string[]): CallError {
  const message = [...(own === undefined ? [] : [own.message]), ...problems].join('; ');
  return { code: own?.code ?? 'invalid_reference', message, retryable: false };
}

/** `c` and the index, or the next number that nobody has. */
function freeId(index: number, taken: Set<string>): string {
  let number = index;
  while (taken.has(`c${number}`)) number += 1;
  taken.add(`c${number}`);
  return `c${number}`;
}

function refuse(
  problems: readonly Problem[],
  format: BatchConfig['format'],
  code: ErrorCode = 'invalid_arguments',
): Refusal {
  const message = problems.map(renderProblem).join('; ');
  return { ok: false, error: { code, message, retryable: false }, problems, format };
}
