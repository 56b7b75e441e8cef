// The shapes that ask something else than the ratio to a lower bound: B16, B17 and B19.
import { besideABigBatch } from './beside-a-big-batch.mjs';
import { bigResults } from './big-results.mjs';
import { schedulerCost } from './scheduler-cost.mjs';

const measures = { B16: smallBesideBig, B17: ownCost, B19: boundedMemory };

/** Measures those whose ids begin with one of `only` (absent: all) and prints a line for each. */
export async function runOthers({ only, isQuick }) {
  const measured = [];
  for (const [id, measure] of Object.entries(measures)) {
    if (only !== undefined && !only.some((prefix) => id.startsWith(prefix))) continue;
    const { text, holds, ...rest } = await measure(isQuick);
    console.log(`${measured.length === 0 ? '\n' : ''}${id}  ${text} ${holds ? '(holds)' : '(MISSED)'}`);
    measured.push({ id, holds, ...rest });
  }
  return measured;
}

async function smallBesideBig(isQuick) {
  const calls = isQuick ? 300 : 1_000;
  const { aloneMs, besideMs, worstMs, samples, ratio } = await besideABigBatch({ calls });
  return {
    text: `5 calls alone ${aloneMs.toFixed(0)} ms, beside a batch of ${calls.toLocaleString('en')} ${besideMs.toFixed(0)} ms (median of ${samples}, worst ${worstMs.toFixed(0)}): ${ratio.toFixed(2)}×, target ≤2.00`,
    holds: ratio <= 2,
    aloneMs,
    besideMs,
    worstMs,
    samples,
    ratio,
  };
}

async function ownCost() {
  const runs = 21;
  const { usPerCall, planUsPerCall } = await schedulerCost({ calls: 1_000, runs });
  return {
    text: `1,000 no-op calls, the scheduler's own cost: ${usPerCall.toFixed(1)} µs per call (median of ${runs}), planning ${planUsPerCall.toFixed(1)} of it, target ≤50`,
    holds: usPerCall <= 50,
    usPerCall,
    planUsPerCall,
  };
}

/** The heap takes some batches to find its size. Bounded: after ten, the next ten (250 MB) raise the peak by 100 MB at most. */
async function boundedMemory(isQuick) {
  const [settling, more] = [10, isQuick ? 5 : 10];
  const { budgetChars, longestReply, idleMb, peaksMb } = await bigResults({ batches: settling + more });
  const isKnown = idleMb !== undefined;
  const grownMb = isKnown ? peaksMb.at(-1) - peaksMb[settling - 1] : 0;
  const memory = isKnown
    ? `peak ${peaksMb.at(-1).toFixed(0)} MB (idle ${idleMb.toFixed(0)}), ${grownMb.toFixed(0)} of it in the last ${more} of ${settling + more} batches, target ≤100`
    : 'memory n/a without /proc';
  return {
    text: `25 × 1 MB: longest reply ${longestReply.toLocaleString('en')} of ${budgetChars.toLocaleString('en')} characters; ${memory}`,
    holds: longestReply <= budgetChars && grownMb <= 100,
    longestReply,
    idleMb,
    peaksMb,
  };
}
