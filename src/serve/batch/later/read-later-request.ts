import { describeUnknownField, quote } from '../../../batch/input/field-problems.ts';
import { isJsonObject, type JsonObject } from '../../../core/json.ts';

/** What a tool that comes back to a batch takes beside `batchId`: what is wrong with each field, if anything is. */
export type LaterFields = Record<string, (value: unknown) => string | undefined>;

/** Reads what is common to the tools that come back to a batch: its id, and the fields, or everything that is wrong with them. */
export function readLaterRequest(
  input: unknown,
  { fields, example }: { fields: LaterFields; example: string },
): { ok: true; batchId: string; input: JsonObject } | { ok: false; reason: string } {
  if (!isJsonObject(input)) return { ok: false, reason: `found ${quote(input)}; write ${example}` };
  const batchId = readBatchId(input['batchId']);
  const wrong: string[] = [];
  if (batchId === undefined) {
    const found = input['batchId'] === undefined ? 'missing' : `found ${quote(input['batchId'])}`;
    wrong.push(`batchId: ${found}; it is in the first line of the batch's reply, such as "7f3a91c05e2b"`);
  }
  for (const [name, findProblem] of Object.entries(fields)) {
    const problem = findProblem(input[name]);
    if (problem !== undefined) wrong.push(`${name}: ${problem}`);
  }
  const known = ['batchId', ...Object.keys(fields)];
  for (const [field, value] of Object.entries(input)) {
    if (!known.includes(field) && value !== undefined) wrong.push(describeUnknownField(field, known));
  }
  if (batchId === undefined || wrong.length > 0) return { ok: false, reason: wrong.join('; ') };
  return { ok: true, batchId, input };
}

/** Ids are twelve hexadecimal digits, and some of them read as a number. */
function readBatchId(given: unknown): string | undefined {
  if (typeof given === 'string' && given !== '') return given;
  return Number.isSafeInteger(given) && Number(given) >= 0 ? String(given).padStart(12, '0') : undefined;
}
