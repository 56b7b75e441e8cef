import { isJsonObject } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';

// Base64 characters in one reply. A stdio frame ends at 10 MiB, and the rest of the reply needs room beside them.
const maxBinaryChars = 5_000_000;

/**
 * For each call the blocks of it (images, audio, files) that do not fit into the 5 MB of a whole reply, the first come first served.
 * Calls may share a block, since identical and cached reads share a result: what is left out of one stays in the other.
 */
export function leaveOutBinary(blocksOfCalls: readonly (readonly JsonObject[])[]): ReadonlySet<JsonObject>[] {
  let total = 0;
  return blocksOfCalls.map((blocks) => {
    if (blocks.length === 0) return nothing;
    const leftOut = new Set<JsonObject>();
    for (const block of blocks) {
      const chars = binaryChars(block);
      if (total + chars > maxBinaryChars) leftOut.add(block);
      else total += chars;
    }
    return leftOut;
  });
}

const nothing: ReadonlySet<JsonObject> = new Set();

/**
 * What to say in place of a block that was left out. `again` says how to have the result of its call alone, where it can be had;
 * `siblings` are all blocks of that result, since they may not fit together even there.
 */
export function describeLeftOut(
  block: JsonObject,
  { siblings, again }: { siblings: readonly JsonObject[]; again: string | undefined },
): string {
  const { resource } = block;
  const type = block['mimeType'] ?? (isJsonObject(resource) ? resource['mimeType'] : undefined) ?? block['type'];
  const megabytes = (binaryChars(block) / 1_000_000).toFixed(1);
  const what = typeof type === 'string' ? type.slice(0, 60) : 'a block';
  const isThere = again !== undefined && leaveOutBinary([siblings])[0]?.has(block) === false;
  const way = isThere ? `${again} shows it` : 'call the tool by itself';
  return `${what}, ${megabytes} MB, left out: one reply holds 5 MB of images and files; ${way}`;
}

/** The text of an embedded resource has a budget of its own. */
function binaryChars(block: JsonObject): number {
  if (typeof block['data'] === 'string') return block['data'].length;
  const { resource } = block;
  if (!isJsonObject(resource)) return JSON.stringify(block).length;
  return typeof resource['blob'] === 'string'
    ? resource['blob'].length
    : JSON.stringify({ ...resource, text: '' }).length;
}
