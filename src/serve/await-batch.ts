import { renderRest } from '../batch/reply/render-rest.ts';
import { describeUnknownField, findCountProblem, quote } from '../batch/input/field-problems.ts';
import { isJsonObject, type JsonObject } from '../core/json.ts';
import type { Engine } from './engine.ts';
import { toErrorResult } from './passthrough.ts';
import { keptMinutes } from './recent-results.ts';

const fields = ['batchId', 'id', 'offset', 'maxChars'];

/** What of which batch is to be read again. */
interface AwaitRequest {
  batchId: string;
  /** A call, or one element of it: `c1`, `c1[0]`. Absent: the whole reply. */
  id?: string;
  /** Characters to pass over. */
  offset?: number;
  maxChars: number;
}

/** Answers `batch_await`: a finished batch of this client, or one call of it, from the results that are still kept. */
export function awaitBatch(engine: Engine, { input, principal }: { input: unknown; principal: string }): JsonObject {
  const { settings } = engine.setup();
  const request = readRequest(input, settings.maxReplyChars);
  if (typeof request === 'string') return refuse(request);
  const { batchId, ...part } = request;
  const batch = engine.recentResults.find(principal, batchId);
  if (batch === undefined) {
    return refuse(
      `no batch ${quote(batchId)} is kept; results are kept for ${keptMinutes} minutes at most, and only for the client that ran the batch`,
    );
  }
  return renderRest({ batch, ...part, settings });
}

/** The request, or everything that is wrong with it. More characters than a reply may have are cut to what it may. */
function readRequest(input: unknown, maxReplyChars: number): AwaitRequest | string {
  if (!isJsonObject(input)) return `found ${quote(input)}; write { "batchId": …, "id": … }`;
  const batchId = readBatchId(input['batchId']);
  const { id, offset, maxChars } = input;
  const wrong: string[] = [];
  if (batchId === undefined) {
    const found = input['batchId'] === undefined ? 'missing' : `found ${quote(input['batchId'])}`;
    wrong.push(`batchId: ${found}; it is in the first line of the batch's reply, such as "7f3a91"`);
  }
  if (id !== undefined && (typeof id !== 'string' || id === '')) {
    wrong.push(`id: ${quote(id)} is not the id of a call; write "c2", or leave it out for the whole reply`);
  }
  if (offset !== undefined && !(Number.isSafeInteger(offset) && Number(offset) >= 0)) {
    wrong.push(`offset: ${quote(offset)} is not a number of characters; write 0 or more`);
  }
  const countProblem = findCountProblem(maxChars);
  if (countProblem !== undefined) wrong.push(`maxChars: ${countProblem}`);
  wrong.push(...findFieldProblems(input));
  if (batchId === undefined || wrong.length > 0) return wrong.join('; ');
  return {
    batchId,
    ...(typeof id === 'string' && { id }),
    ...(typeof offset === 'number' && { offset }),
    maxChars: typeof maxChars === 'number' ? Math.min(maxChars, maxReplyChars) : maxReplyChars,
  };
}

/** Ids are six hexadecimal digits, and some of them read as a number. */
function readBatchId(given: unknown): string | undefined {
  if (typeof given === 'string' && given !== '') return given;
  return Number.isSafeInteger(given) && Number(given) >= 0 ? String(given).padStart(6, '0') : undefined;
}

function findFieldProblems(input: JsonObject): string[] {
  return Object.entries(input).flatMap(([field, value]) => {
    if (fields.includes(field) || value === undefined) return [];
    if (field === 'timeoutMs') return ['"timeoutMs" arrives with a later version of mcp-marshal; leave it out'];
    return [describeUnknownField(field, fields)];
  });
}

function refuse(message: string): JsonObject {
  return toErrorResult({ code: 'invalid_arguments', message, retryable: false });
}
