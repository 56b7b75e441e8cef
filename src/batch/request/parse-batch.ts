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
import {
  describeFirst,
  describeUnknownField,
  findChoiceProblem,
  findCountProblem,
  quote,
} from '../input/field-problems.ts';

const choices = {
  parallel: ['prefer', 'avoid', 'none'],
  onError: ['continue', 'stop'],
  mode: ['run', 'plan'],
  format: ['text', 'structured'],
};
// Enough to mend a batch by; with those of which there are few anyway, they are about 50.
const maxOfOneKind = 20;
// A file of templates would otherwise fill the reply with them.
const maxWarnings = 3;
const counts = ['maxParallel', 'deadlineMs', 'maxChars'];
const fields = [
  'calls',
  'parallel',
  'maxParallel',
  'onError',
  'mode',
  'deadlineMs',
  'idempotencyKey',
  'maxChars',
  'format',
];
// Room for two UUIDs and a name; a key is kept for a day.
const maxKeyChars = 200;

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
  const parsed =
    typeof entries === 'string' ? [] : entries.map((entry, before) => parseCall(entry, { params, before }));
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
  add('idempotencyKey', findKeyProblem(envelope['idempotencyKey']));
  const unknown = Object.keys(envelope).filter((key) => !fields.includes(key) && envelope[key] !== undefined);
  return [...problems, ...describeFirst(unknown, describeField, maxOfOneKind).map((message) => ({ message }))];
}

function findKeyProblem(key: unknown): string | undefined {
  if (key === undefined || (typeof key === 'string' && key !== '' && key.length <= maxKeyChars)) return undefined;
  const found = typeof key === 'string' && key !== '' ? `${key.length} characters` : quote(key);
  return `found ${found}; write a text of 1 to ${maxKeyChars} characters that no other batch has`;
}

function describeField(key: string): string {
  if (['tool', 'name', 'arguments'].includes(key)) return `"${key}" belongs inside an element of "calls"`;
  return describeUnknownField(key, fields);
}

/** Ids that two calls would have, by what was given or by the number that a call without one has. */
function findDuplicateIds(parsed: readonly ParsedCall[]): Problem[] {
  const firstAt = new Map<string, number>();
  const problems = parsed.flatMap(({ givenId }, index): Problem[] => {
    if (givenId === undefined) return [];
    const first = firstAt.get(givenId);
    if (first === undefined) firstAt.set(givenId, index);
    const numbered = /^c(?:0|[1-9]\d*)$/.test(givenId) ? Number(givenId.slice(1)) : index;
    const taken =
      first !== undefined
        ? `calls[${first}] already; give each call its own, or none`
        : numbered !== index && numbered < parsed.length && parsed[numbered]?.givenId === undefined
          ? `calls[${numbered}], which has none of its own and is named by its number; write another here, or give that call one`
          : undefined;
    return taken === undefined ? [] : [{ key: `calls[${index}].id`, message: `"${givenId}" is the id of ${taken}` }];
  });
  const more = problems.splice(maxOfOneKind).length;
  return more === 0
    ? problems
    : [...problems, { key: 'calls', message: `and ${more} more ids that two calls would have` }];
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
  const { calls, warnings } = nameCalls(parsed, maxChars);
  return {
    calls,
    warnings,
    mode: envelope['mode'] === 'plan' ? 'plan' : 'run',
    maxElements: settings.maxCalls,
    parallel: settings.parallel === 'avoid' || envelope['parallel'] === 'avoid' ? 'avoid' : 'prefer',
    maxParallel: lowest('maxParallel', settings.maxParallel),
    onError:
      envelope['onError'] === 'stop' || envelope['onError'] === 'continue' ? envelope['onError'] : settings.onError,
    deadlineMs: lowest('deadlineMs', settings.deadlineMs),
    ...(typeof envelope['idempotencyKey'] === 'string' && { idempotencyKey: envelope['idempotencyKey'] }),
    format,
  };
}

/** Gives each call its id, and finds the calls that it names. */
function nameCalls(
  parsed: readonly ParsedCall[],
  maxChars: number,
): { calls: CallRequest[]; warnings: readonly string[] } {
  const named = parsed.map(({ givenId, ...call }, index) => Object.assign(call, { id: givenId ?? `c${index}` }));
  const links = linkCalls(named);
  const calls = named.map((one, index) => {
    const { dependsOn: _, references: __, suspects: ___, usesItem: ____, ...call } = one;
    const { needs, problems } = links[index]!;
    const own = {
      index,
      needs,
      maxChars: Math.min(call.maxChars ?? maxChars, maxChars),
      ...(call.maxChars !== undefined && { ownMaxChars: call.maxChars }),
    };
    if (problems.length === 0) return Object.assign(call, own);
    return Object.assign(call, own, { problem: addProblems(call.problem, problems), arguments: {}, isOpen: false });
  });
  const warnings = links.flatMap((link, index) =>
    link.warnings.length === 0 || calls[index]!.problem !== undefined
      ? []
      : link.warnings.map((warning) => `${calls[index]!.id}: ${warning}`),
  );
  return { calls, warnings: warnings.slice(0, maxWarnings) };
}

function addProblems(own: CallError | undefined, problems: readonly string[]): CallError {
  const message = [...(own === undefined ? [] : [own.message]), ...problems].join('; ');
  return { code: own?.code ?? 'invalid_reference', message, retryable: false };
}

function refuse(
  problems: readonly Problem[],
  format: BatchConfig['format'],
  code: ErrorCode = 'invalid_arguments',
): Refusal {
  const message = problems.map(renderProblem).join('; ');
  return { ok: false, error: { code, message, retryable: false }, problems, format };
}
