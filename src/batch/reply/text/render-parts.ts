import type { JsonObject } from '../../../core/json.ts';
import { contentChars, cutContent } from '../../budget/call-content.ts';
import { fairShares } from '../../budget/fair-shares.ts';
import { formatCount } from '../format-amount.ts';
import { restHint, restHintForAll } from '../rest-hint.ts';
import type { TextPart } from './text-part.ts';

// Beyond this many cut results the hint how to get the rest is said once for all of them.
const maxHints = 20;
// In practice two or three rounds settle who is cut; a reply that needs more makes room for a note on every part.
const maxRounds = 8;

/**
 * The blocks of the parts, fairly cut to `budget` characters, heads included. Heads are not for sale. Where many are cut, `hint` says
 * for all of them how to get the rest, and counts as well. `keptAs`: under which id `batch_await` has the rest.
 */
export function renderParts(
  parts: readonly TextPart[],
  { budget, keptAs }: { budget: number; keptAs: string | undefined },
): { content: JsonObject[]; hint?: string } {
  const note = (part: TextPart, shown: number): string => {
    const rest = restHint({ keptAs, id: part.id, offset: part.isIncomplete ? 0 : shown });
    return ` (${renderShown(part, shown)}; ${rest === undefined ? '' : `${rest}, or `}narrow the call)`;
  };
  const shortNote = (part: TextPart, shown: number): string => ` (${renderShown(part, shown)})`;
  const few = shareOut(parts, { budget, maxCut: maxHints, note });
  if (few !== undefined) {
    return { content: parts.flatMap((part, index) => renderPart(part, { share: few[index] ?? 0, note })) };
  }
  const hint = restHintForAll(keptAs);
  const shares = shareOut(parts, { budget: budget - hint.length - 1, maxCut: Infinity, note: shortNote });
  const content = parts.flatMap((part, index) => renderPart(part, { share: shares?.[index] ?? 0, note: shortNote }));
  return { content, hint };
}

type Note = (part: TextPart, shown: number) => string;

/**
 * How many characters of content each part may show. Whoever is cut needs room for a note, which cuts others; nothing where more than
 * `maxCut` are cut.
 */
function shareOut(
  parts: readonly TextPart[],
  { budget, maxCut, note }: { budget: number; maxCut: number; note: Note },
): readonly number[] | undefined {
  const room = parts.reduce((rest, { head, aside, joint }) => rest - head.length - aside.length - joint.length, budget);
  const all = parts.map(({ chars }) => chars);
  if (sum(all) <= room && parts.every(({ chars, wanted }) => wanted >= chars)) return all;
  const noteChars = parts.map((part) => note(part, part.chars).length);
  // Tolerance: content no longer than the note that would say that it is cut is shown whole, whatever the limits. It costs no more.
  const isWhole = all.map((chars, index) => chars <= (noteChars[index] ?? 0));
  const wants = parts.map(({ wanted }, index) => (isWhole[index] === true ? 0 : wanted));
  const total = sum(wants);
  let free = room - sum(all.filter((_, index) => isWhole[index]));
  const cut = new Set<TextPart>();
  const share = (): readonly number[] => (total <= free ? wants : fairShares(wants, free));
  let shares = share();
  for (let round = 0, before = -1; round <= maxRounds && cut.size > before; round += 1) {
    before = cut.size;
    for (const [index, part] of parts.entries()) {
      if (isWhole[index] === true || cut.has(part)) continue;
      if (round < maxRounds && (shares[index] ?? 0) >= part.chars) continue;
      if (cut.size === maxCut) return undefined;
      cut.add(part);
      free -= noteChars[index] ?? 0;
    }
    shares = share();
  }
  return all.map((chars, index) => (isWhole[index] === true ? chars : (shares[index] ?? 0)));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function renderPart(part: TextPart, { share, note }: { share: number; note: Note }): JsonObject[] {
  const { head, aside, joint, content, chars } = part;
  const { text, blocks } = cutContent(content, share);
  const shown = contentChars({ texts: [text], blocks });
  const cutNote = shown < chars ? note(part, shown) : '';
  return [{ type: 'text', text: `${head}${cutNote}${aside}${text === '' ? '' : joint}${text}` }, ...blocks];
}

function renderShown({ chars }: TextPart, shown: number): string {
  return `${formatCount(shown)} of ${formatCount(chars)} characters`;
}
