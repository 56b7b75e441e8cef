import { fairShares } from '../batch/budget/fair-shares.ts';
import { isServerOffered } from '../catalog/find-tool.ts';
import { isJsonObject } from '../core/json.ts';
import type { ServerOffer } from '../core/protocol/server.ts';
import type { ToolClass } from '../core/tool.ts';
import { withoutControls } from '../lib/without-controls.ts';
import type { Engine } from './engine.ts';
import type { Setup } from './setup.ts';

/** Of everything: every session of a client pays for it, and some clients cut what is longer. */
const maxChars = 1_500;
/** Of one server's words. */
const maxServerChars = 600;
/** Less than this of a server's words says nothing. */
const minServerChars = 40;
/** Of the names of servers, where their tools are not listed. */
const maxNamesChars = 250;

/**
 * What a client's model is told at the opening, in 1,500 characters: how batches are sent, where tools are found that it does not list,
 * then what the servers say of themselves, a paragraph each, in fair parts of what is left. A server that stands alone under its own
 * names has all of that. A server of which `scopes` (the classes of calls that the client may make; absent: all) allow no call, and
 * which has nothing but tools, is not there.
 */
export function instructionsFor(engine: Engine, scopes?: ReadonlySet<ToolClass>): string {
  const setup = engine.setup();
  const catalog = engine.catalog();
  const offers = engine
    .offers()
    .filter((offer) => hasMoreThanTools(offer) || isServerOffered(catalog, offer.server, scopes));
  const own = ownInstructions(
    setup,
    offers.map(({ server }) => server),
  );
  const room = maxChars - own.length;
  const [only] = offers;
  if (only !== undefined && offers.length === 1 && setup.naming === 'bare') {
    const words = withoutControls(only.instructions ?? '').trim();
    return words === '' ? own : `${own}\n\n${cutAtEnd(words, room - 2)}`;
  }
  const said = offers
    // On one line, so that no server speaks in the name of another.
    .map(({ server, instructions = '' }) => ({ start: `\n\n${server}: `, words: toLine(instructions) }))
    .filter(({ words }) => words !== '');
  return own + shareRoom(said, room);
}

function hasMoreThanTools({ capabilities }: ServerOffer): boolean {
  return ['prompts', 'resources'].some((list) => isJsonObject(capabilities?.[list]));
}

interface Said {
  start: string;
  words: string;
}

/** As many servers, from the first one on, as can each say something. */
function shareRoom(said: readonly Said[], room: number): string {
  for (let count = Math.min(said.length, Math.floor(room / minServerChars)); count > 0; count -= 1) {
    const speakers = said.slice(0, count);
    const wants = speakers.map(({ words }) => Math.min(words.length, maxServerChars));
    const shares = fairShares(
      wants,
      speakers.reduce((left, { start }) => left - start.length, room),
    );
    if (speakers.some(({ words }, index) => (shares[index] ?? 0) < Math.min(minServerChars, words.length))) continue;
    return speakers.map(({ start, words }, index) => start + cutAtEnd(words, shares[index] ?? 0)).join('');
  }
  return '';
}

/** Short, since every session pays for it. */
function ownInstructions({ naming, surface }: Setup, servers: readonly string[]): string {
  const names =
    naming === 'prefixed'
      ? 'Tools are named server__tool.'
      : 'Tools keep the names that their servers give them; where two want the same one, they are named server__tool.';
  return `marshal is one server in front of many. ${names}${surface === 'passthrough' ? '' : ` ${findWords(surface, servers)}`}

Use batch_call to send several tool calls in one round trip (batch_read if all of them only read). Calls that touch the same thing run in the order given; everything else runs side by side. Do not wait for one result before you ask for the next: a reference puts a value of an earlier call's result into the arguments of a later one, and forEach runs a call once per element of a list, so searching, reading every hit and writing it down is one batch. You get one result per call, in the order asked; one failing call stops no other unless onError is "stop" or they need its result. A batch that takes too long goes on after its reply: batch_await waits for the rest, or reads on where a reply was cut; batch_cancel ends it.`;
}

function findWords(surface: Setup['surface'], servers: readonly string[]): string {
  // Under `find` by name as well, but most clients let a model call only what is in its list.
  const way = `with batch_call or batch_read${surface === 'find' ? '' : ' only'}`;
  const names = cutAtEnd(servers.join(', '), maxNamesChars);
  const those = names === '' ? '' : ` Servers: ${names}.`;
  return `The tools are not in your list: tools_find finds them by what they do, and says what they take; call them ${way}.${those}`;
}

function toLine(text: string): string {
  return withoutControls(text).replaceAll(/\s+/g, ' ').trim();
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
