import { isJsonObject } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';

// Base64 characters in one reply. A stdio frame ends at 10 MiB, and the rest of the reply needs room beside them.
const maxBinaryChars = 5_000_000;

/** The blocks (images, audio, files) of a whole reply that do not fit into 5 MB, the first come first served. */
export function leaveOutBinary(blocksOfCalls: readonly (readonly JsonObject[])[]): Set<JsonObject> {
  const leftOut = new Set<JsonObject>();
  let total = 0;
  for (const block of blocksOfCalls.flat()) {
    const chars = binaryChars(block);
    if (total + chars > maxBinaryChars) leftOut.add(block);
    else total += chars;
  }
  return leftOut;
}

/** What to say in place of a block that was left out. */
export function describeLeftOut(block: JsonObject): string {
  const { resource } = block;
  const type = block['mimeType'] ?? (isJsonObject(resource) ? resource['mimeType'] : undefined) ?? block['type'];
  const megabytes = (binaryChars(block) / 1_000_000).toFixed(1);
  const what = typeof type === 'string' ? type.slice(0, 60) : 'a block';
  return `${what}, ${megabytes} MB, left out: one reply holds 5 MB of images and files; call the tool by itself`;
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
