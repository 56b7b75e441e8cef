import type { JsonObject } from '../../../core/json.ts';
import { contentChars, cutContent } from '../../budget/call-content.ts';
import { fairShares } from '../../budget/fair-shares.ts';
import { formatCount } from '../format-amount.ts';
import type { TextPart } from './text-part.ts';

// Beyond this many cut results the hint how to get the rest is said once for all of them.
const maxHints = 20;
// In practice two or three rounds settle who is cut; a reply that needs more makes room for a note on every part.
const maxRounds = 8;

/** How to ask for what a cut result does not show. */
export function restHint({ batchId, id, offset }: { batchId: string; id: string; offset: number }): string {
  return `ask for the rest with batch_await batchId ${batchId} id ${id} offset ${offset}`;
}

/**
 * The blocks of the parts, fairly cut to `budget` characters, heads included. Heads are not for sale. Where many are cut, `hint` says
 * for all of them how to get the rest, and counts as well.
 */
export function renderParts(
  parts: readonly TextPart[],
  { budget, batchId }: { budget: number; batchId: string },
): { content: JsonObject[]; hint?: string } {
  const note = (part: TextPart, shown: number): string => {
    const rest = restHint({ batchId, id: part.id, offset: shown });
    return ` (${renderShown(part, shown)}; ${rest}, or narrow the call)`;
  };
  const shortNote = (part: TextPart, shown: number): string => ` (${renderShown(part, shown)})`;
  const few = shareOut(parts, { budget, maxCut: maxHints, noteChars: (part) => note(part, part.chars).length });
  if (few !== undefined) {
    return { content: parts.flatMap((part, index) => renderPart(part, { share: few[index] ?? 0, note })) };
  }
  const hint = `ask for the rest of a cut result with batch_await batchId ${batchId}, its id, and as offset the characters shown`;
  const shares = shareOut(parts, {
    budget: budget - hint.length - 1,
    maxCut: Infinity,
    noteChars: (part) => shortNote(part, part.chars).length,
  });
  const content = parts.flatMap((part, index) => renderPart(part, { share: shares?.[index] ?? 0, note: shortNote }));
  return { content, hint };
}

/**
 * How many characters of content each part may show. Whoever is cut needs room for a note, which cuts others; nothing where more than
 * `maxCut` are cut.
 */
function shareOut(
  parts: readonly TextPart[],
  { budget, maxCut, noteChars }: { budget: number; maxCut: number; noteChars: (part: TextPart) => number },
): readonly number[] | undefined {
  const wants = parts.map(({ wanted }) => wanted);
  const total = wants.reduce((sum, want) => sum + want, 0);
  let free = parts.reduce((rest, { head, aside, joint }) => rest - head.length - aside.length - joint.length, budget);
  const cut = new Set<TextPart>();
  let shares: readonly number[] = wants;
  for (let round = 0; ; round += 1) {
    const isLast = round === maxRounds;
    const before = cut.size;
    for (const [index, part] of parts.entries()) {
      if (cut.has(part) || (isLast ? part.chars === 0 : (shares[index] ?? 0) >= part.chars)) continue;
      if (cut.size === maxCut) return undefined;
      cut.add(part);
      free -= noteChars(part);
    }
    if (round > 0 && cut.size === before) return shares;
    shares = total <= free ? wants : fairShares(wants, free);
    if (isLast) return shares;
  }
}

function renderPart(
  part: TextPart,
  { share, note }: { share: number; note: (part: TextPart, shown: number) => string },
): JsonObject[] {
  const { head, aside, joint, content, chars } = part;
  const { text, blocks } = cutContent(content, share);
  const shown = contentChars({ texts: [text], blocks });
  const cutNote = shown < chars ? note(part, shown) : '';
  return [{ type: 'text', text: `${head}${cutNote}${aside}${text === '' ? '' : joint}${text}` }, ...blocks];
}

function renderShown({ chars }: TextPart, shown: number): string {
  return `${formatCount(shown)} of ${formatCount(chars)} characters`;
}
