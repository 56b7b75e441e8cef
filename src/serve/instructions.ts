import type { Engine } from './engine.ts';
import type { Setup } from './setup.ts';

/** Of the servers' own words each gets this much, and all with ours together the rest: every session of a client pays for them. */
const maxServerChars = 600;
const maxChars = 4_000;
/** Less than this of a server's words says nothing. */
const minServerChars = 40;

/**
 * What a client's model is told at the opening: how batches are sent, then what the servers say of themselves, a paragraph each,
 * cut where it is long. A server that stands alone under its own names speaks in full, up to 4,000 characters.
 */
export function instructionsFor(engine: Engine): string {
  const own = ownInstructions(engine.setup().naming);
  const offers = engine.offers();
  const [only] = offers;
  if (only !== undefined && offers.length === 1 && engine.setup().naming === 'bare') {
    const words = withoutControls(only.instructions ?? '').trim();
    return words === '' ? own : `${own}\n\n${cutAtEnd(words, maxChars)}`;
  }
  let text = own;
  for (const { server, instructions = '' } of offers) {
    // On one line, so that no server speaks in the name of another.
    const words = withoutControls(instructions).replaceAll(/\s+/g, ' ').trim();
    const start = `\n\n${server}: `;
    const leftChars = maxChars - text.length - start.length;
    if (words === '' || leftChars < Math.min(minServerChars, words.length)) continue;
    text += start + cutAtEnd(words, Math.min(maxServerChars, leftChars));
  }
  return text;
}

/** Short, since every session pays for it. */
function ownInstructions(naming: Setup['naming']): string {
  const names =
    naming === 'prefixed'
      ? 'Tools are named server__tool.'
      : 'Tools keep the names that their servers give them; where two want the same one, they are named server__tool.';
  return `marshal is one server in front of many. ${names}

Use batch_call to send several tool calls in one round trip (batch_read if all of them only read). Calls that touch the same thing run in the order given; everything else runs side by side. Do not wait for one result before you ask for the next: a reference puts a value of an earlier call's result into the arguments of a later one, and forEach runs a call once per element of a list, so searching, reading every hit and writing it down is one batch. You get one result per call, in the order asked; one failing call does not stop the others unless onError is "stop" or they need its result. A batch that takes too long goes on after its reply: batch_await waits for the rest, batch_cancel ends it. batch_await also reads on where a reply was cut.`;
}

/** Control characters but line ends and tabs, and those that turn text around or hide it from a person who reads along. */
const controls = /[^\P{Cc}\n\t]|[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\u{E0000}-\u{E007F}]/gu;

function withoutControls(text: string): string {
  return text.replaceAll(/\r\n?/g, '\n').replaceAll(controls, '');
}

/** At most `limit` characters, the mark of the cut included; at the end of a sentence where one is near, else of a word. */
function cutAtEnd(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const kept = text.slice(0, limit - 1).replace(/[\uD800-\uDBFF]$/, '');
  const sentence = lastEnd(kept, /[.!?](?=\s)/g);
  const word = lastEnd(kept, /\S(?=\s)/g);
  const end = [sentence, word].find((position) => position > kept.length / 2) ?? kept.length;
  return `${kept.slice(0, end)}…`;
}

function lastEnd(text: string, pattern: RegExp): number {
  let end = 0;
  for (const match of text.matchAll(pattern)) end = match.index + match[0].length;
  return end;
}
