/**
 * How the words of a reply lead to what it does not show. `keptAs` is the id under which `batch_await` finds the batch; absent: it is
 * not kept, and no words may send the reader there.
 */
type KeptAs = string | undefined;

/** Where the result of one call, or of one element, can be read alone: `batch_await batchId 7f3a91 id c0`. */
export function awaitWords({ keptAs, id }: { keptAs: KeptAs; id: string }): string | undefined {
  return keptAs === undefined ? undefined : `batch_await batchId ${keptAs} id ${id}`;
}

/** How to ask for what a cut result does not show. */
export function restHint({ keptAs, id, offset }: { keptAs: KeptAs; id: string; offset: number }): string | undefined {
  return keptAs === undefined ? undefined : `ask for the rest with ${awaitWords({ keptAs, id })} offset ${offset}`;
}

/** The same, once for all cut results of a reply. */
export function restHintForAll(keptAs: KeptAs): string {
  return keptAs === undefined
    ? 'the rest of what is cut is not kept: narrow the calls'
    : `ask for the rest of a cut result with batch_await batchId ${keptAs}, its id, and as offset the characters shown`;
}

/** Where a row without a result has it, if an identical call was sent in its stead. */
export function twinHint(keptAs: KeptAs): string {
  const again = keptAs === undefined ? '' : `; batch_await batchId ${keptAs} with its own id shows it as well`;
  return `a call with deduplicatedOf has the result of the call named there${again}`;
}
