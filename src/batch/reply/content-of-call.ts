import { readContent } from '../budget/call-content.ts';
import type { CallContent } from '../budget/call-content.ts';
import type { ReplyRow } from './reply-row.ts';

/**
 * All that a call brought, as replies show it: the selected values, or its result, or else why there is none. Every count of
 * characters (`offset`, `truncated`) is one of this content. A `forEach` call has none: its elements do.
 */
export function contentOfCall({
  outcome,
  selected,
  items,
}: Pick<ReplyRow, 'outcome' | 'selected' | 'items'>): CallContent {
  const { result, error } = outcome;
  if (items !== undefined) return { texts: [], blocks: [] };
  if (selected !== undefined) return { texts: [JSON.stringify(selected.selected)], blocks: [] };
  if (result !== undefined) return readContent(result);
  // An error message has lines of its own: the signature of the tool, under the message.
  return { texts: error === undefined ? [] : [error.message.replaceAll('\n', '\n     ')], blocks: [] };
}

/** Whether something that was to be selected is not there, so that what is shown may not be what the caller was after. */
export function isIncomplete({ selected }: Pick<ReplyRow, 'selected'>): boolean {
  return selected !== undefined && selected.missing.length > 0;
}
