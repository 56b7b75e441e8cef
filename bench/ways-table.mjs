// Ways to do the same thing, a line each: what it took, and how often that of the first.

/** @param verdicts by the name of a way, what its ratio was held against */
export function printWays(title, ways, verdicts = {}) {
  console.log(`  ${title.padEnd(42)}${['median', 'p95', '× direct'].map((head) => head.padStart(10)).join('')}`);
  for (const { name, medianMs, p95Ms, ratio } of ways) {
    const figures = [`${digits(medianMs)} ms`, `${digits(p95Ms)} ms`, ratio.toFixed(2)];
    const verdict = verdicts[name] === undefined ? '' : `  ${verdicts[name].text}`;
    console.log(`    ${name.padEnd(40)}${figures.map((figure) => figure.padStart(10)).join('')}${verdict}`);
  }
}

function digits(ms) {
  return ms.toFixed(ms < 10 ? 3 : 1);
}
