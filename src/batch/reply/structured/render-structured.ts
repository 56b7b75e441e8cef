import type { BatchConfig } from '../../../config/config.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../core/json.ts';
import { contentBlocks, contentChars, cutContent, textOf, withoutDuplicates } from '../../budget/call-content.ts';
import { cutText } from '../../budget/cut-text.ts';
import { fairShares } from '../../budget/fair-shares.ts';
import { describeLeftOut, leaveOutBinary } from '../../budget/leave-out-binary.ts';
import { contentOfCall, isIncomplete } from '../content-of-call.ts';
import type { LearntLate } from '../learnt-late.ts';
import { renderSummaryLines } from '../render-summary.ts';
import { toRows } from '../reply-row.ts';
import type { FinishedBatch, ReplyRow } from '../reply-row.ts';
import { awaitWords, restHintForAll, twinHint } from '../rest-hint.ts';
import { factsOfBatch, factsOfRow } from './facts.ts';

/** What a call, or an element, brought, and how much of it the reply may show if there is room. */
interface Brought {
  result?: JsonObject;
  /** Of `result`, or of the selected values. */
  chars: number;
  /** Of these, what the limits of the caller leave. */
  limit: number;
  messageChars: number;
}

// Tolerance: the field `truncated` is about as long, so that nothing shorter is cut.
const uncutChars = 40;

/**
 * The structured form: the reply as data, and its summary as text. The budget is for what the calls brought (results and error
 * messages); the fields around them are short and always there.
 */
export function renderStructured(
  batch: FinishedBatch & { settings: BatchConfig; keptAs: string | undefined; learnt: readonly LearntLate[] },
): JsonObject {
  const { settings, keptAs, learnt } = batch;
  const rows = toRows(batch);
  const all = rows.flatMap((row) => [row, ...(row.items ?? [])]);
  const standIns = replaceLeftOut(all, keptAs);
  const brought = limitElements(
    rows,
    all.map((row, index) => readBrought(row, { standIns: standIns[index], most: settings.maxReplyChars })),
  );
  const shares = fairShares(
    brought.map(({ limit, messageChars }) => limit + messageChars),
    settings.maxReplyChars,
  );
  let position = 0;
  let isCut = false;
  const render = (row: ReplyRow): JsonObject => {
    const { result, chars } = brought[position] ?? { chars: 0 };
    const rendered = renderRow(row, { result, chars, share: shares[position] ?? 0, standIns: standIns[position] });
    position += 1;
    // The warning of a selection that missed something leads to all that was there; its own characters are counted nowhere else.
    isCut ||= (rendered['truncated'] !== undefined && !isIncomplete(row)) || isMessageCut(row, rendered);
    return row.items === undefined ? rendered : { ...rendered, items: row.items.map(render) };
  };
  const structuredContent = factsOfBatch(batch, { rows, results: rows.map(render), keptAs });
  if (learnt.length > 0) structuredContent['late'] = learnt.map((end) => ({ ...end }));
  const lines = [...renderSummaryLines(batch, { rows, keptAs, learnt }), ...(isCut ? [restHintForAll(keptAs)] : [])];
  const twin = all.find(({ isShownElsewhere, outcome }) => isShownElsewhere && outcome.result !== undefined);
  if (twin !== undefined) lines.push(twinHint(keptAs));
  return { content: [{ type: 'text', text: lines.join('\n') }], structuredContent };
}

function readBrought(row: ReplyRow, { standIns, most }: { standIns: StandIns | undefined; most: number }): Brought {
  const { outcome, selected, maxChars, isShownElsewhere, items } = row;
  const messageChars = outcome.error?.message.length ?? 0;
  if (isShownElsewhere || items !== undefined || outcome.result === undefined) {
    return { chars: 0, limit: 0, messageChars };
  }
  const result = replaceBlocks(outcome.result, standIns);
  const chars =
    selected === undefined ? resultChars(result, Math.min(maxChars, most)) : JSON.stringify(selected.selected).length;
  return { result, chars, limit: Math.min(chars, maxChars), messageChars };
}

/** A limit that a `forEach` call set itself is one for all its elements together. It is not one for error messages. */
function limitElements(rows: readonly ReplyRow[], brought: readonly Brought[]): Brought[] {
  const limited = [...brought];
  let position = 0;
  for (const { items, maxChars } of rows) {
    position += 1;
    if (items === undefined) continue;
    const start = position;
    position += items.length;
    const wants = brought.slice(start, position).map(({ limit }) => limit);
    fairShares(wants, maxChars).forEach((limit, number) => {
      const one = limited[start + number];
      if (one !== undefined) limited[start + number] = { ...one, limit };
    });
  }
  return limited;
}

function renderRow(
  row: ReplyRow,
  bag: { result: JsonObject | undefined; chars: number; share: number; standIns: StandIns | undefined },
): JsonObject {
  const message = cutMessage(row.outcome.error?.message ?? '', bag.share);
  if (bag.result === undefined) return factsOfRow(row, { message });
  const { result, selected, truncated } = fitResult(row, {
    result: bag.result,
    chars: bag.chars,
    standIns: bag.standIns,
    room: bag.share - message.length,
  });
  const content: JsonObject = {};
  if (result !== undefined) content['result'] = result;
  if (selected !== undefined) content['selected'] = selected;
  if (truncated !== undefined) content['truncated'] = truncated;
  return factsOfRow(row, { message, content });
}

/** What is left out at the end of a message shows. */
function cutMessage(message: string, maxChars: number): string {
  return message.length <= maxChars ? message : `${cutText(message, Math.max(0, maxChars - 1))}…`;
}

function isMessageCut({ outcome }: ReplyRow, { error }: JsonObject): boolean {
  return isJsonObject(error) && error['message'] !== outcome.error?.message;
}

/** The result, or the selected values, untouched if they fit; else the result without what it says twice; else their text, cut. */
function fitResult(
  row: ReplyRow,
  bag: { result: JsonObject; chars: number; room: number; standIns: StandIns | undefined },
): { result?: JsonObject; selected?: JsonObject; truncated?: JsonObject } {
  const { result, chars, room, standIns } = bag;
  const { selected } = row;
  if (chars <= Math.max(room, uncutChars)) return selected === undefined ? { result } : { selected: selected.selected };
  const content = contentOfCall(row);
  const whole = { texts: content.texts, blocks: content.blocks.filter((block) => standIns?.has(block) !== true) };
  const of = contentChars(whole);
  const structured = result['structuredContent'];
  // Without its duplicates a result is no shorter than what it shows.
  if (of <= room && selected === undefined && structured !== undefined) {
    const lean = { ...result, content: withoutDuplicates(result, JSON.stringify(structured)) };
    if (resultChars(lean, room) <= room) return { result: lean };
  }
  const shown = cutContent(whole, of <= uncutChars ? of : room);
  const shownChars = contentChars({ texts: [shown.text], blocks: shown.blocks });
  const text: JsonValue[] = shown.text === '' ? [] : [{ type: 'text', text: shown.text }];
  const isError = result['isError'];
  const cut: JsonObject = {
    content: [...text, ...shown.blocks, ...(standIns?.values() ?? [])],
    ...(isError !== undefined && { isError }),
  };
  // Where the text is whole, only its structured twin had no room.
  return shownChars < of ? { result: cut, truncated: { chars: shownChars, of } } : { result: cut };
}

/**
 * Characters of a result that count: its text, its structured content as JSON, and fields that we do not know. Exact up to `most`;
 * where the text alone is more, the rest is not even written to be counted.
 */
function resultChars(result: JsonObject, most: number): number {
  const blocks = contentBlocks(result);
  const texts = blocks.reduce((chars, block) => chars + (textOf(block)?.length ?? 0), 0);
  const inBlocks = texts + contentChars({ texts: [], blocks });
  if (inBlocks > most) return inBlocks;
  const others = Object.entries(result).filter(([key]) => key !== 'content' && key !== 'isError');
  return others.reduce((chars, [, value]) => chars + (JSON.stringify(value) ?? '').length, inBlocks);
}

/** Of one row: what stands for each block for which the reply has no room. */
type StandIns = ReadonlyMap<JsonObject, JsonObject>;

/** For each row, at its index. What a row does not show takes no room. */
function replaceLeftOut(rows: readonly ReplyRow[], keptAs: string | undefined): (StandIns | undefined)[] {
  const blocksOf = ({ outcome: { result }, isShownElsewhere, selected, items }: ReplyRow): readonly JsonObject[] =>
    result === undefined || isShownElsewhere || selected !== undefined || items !== undefined
      ? []
      : contentBlocks(result).filter((block) => textOf(block) === undefined);
  const blocks = rows.map(blocksOf);
  return leaveOutBinary(blocks).map((leftOut, index) => {
    if (leftOut.size === 0) return undefined;
    const siblings = blocks[index] ?? [];
    const again = awaitWords({ keptAs, id: rows[index]?.id ?? '' });
    const standIn = (block: JsonObject): JsonObject => {
      return { type: 'text', text: `(${describeLeftOut(block, { siblings, again })})` };
    };
    return new Map([...leftOut].map((block) => [block, standIn(block)]));
  });
}

function replaceBlocks(result: JsonObject, standIns: StandIns | undefined): JsonObject {
  if (standIns === undefined) return result;
  return { ...result, content: contentBlocks(result).map((block) => standIns.get(block) ?? block) };
}
