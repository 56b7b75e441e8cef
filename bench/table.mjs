// The shapes as a table for a terminal of 120 columns.
const otherWays = ['one by one', 'Promise.all', 'segments', 'own way', 'callmux'];
// The first two, what binds, and the verdict stand left; numbers stand right.
const columns = [
  { width: 4, isText: true },
  { width: 23, isText: true },
  { width: 5 },
  { width: 5 },
  { width: 8, isText: true },
  { width: 5 },
  { width: 5 },
  { width: 6, isText: true },
];
const otherWidth = 9;

export function tableHead() {
  return row(['', '', 'calls', 'ms ≥', 'binds', 'ratio', '≤', ''], ['1 by 1', 'all', 'segments', 'own way', 'callmux']);
}

/** One shape: its lower bound, mcp-marshal's ratio and verdict, then the ratios of the others, each with what it got wrong. */
export function tableRow(shape, summary) {
  const { boundMs, binds, ratio, holds } = summary;
  return row(
    [
      shape.id,
      shape.title,
      String(summary.calls),
      boundMs.toFixed(0),
      binds,
      ratio.toFixed(2),
      shape.target.toFixed(2),
      holds ? 'holds' : 'MISSED',
    ],
    otherWays.map((name) => renderOther(summary.others[name])),
  );
}

/** What a shape comes to: medians of mcp-marshal's runs, and the worst of what went wrong in each way. */
export function summarise(shape, { ways, leaks }) {
  const runs = ways['mcp-marshal'];
  const middle = middleOf(runs);
  const { ratio } = middle;
  const wrong = worstOf(runs);
  const others = Object.fromEntries(
    otherWays
      .filter((name) => ways[name] !== undefined)
      .map((name) => [name, { ratio: middleOf(ways[name]).ratio, ...worstOf(ways[name]) }]),
  );
  const isClean = Object.values(wrong).every((count) => count === 0) && (leaks ?? 0) === 0;
  return {
    calls: shape.batch(0).length,
    boundMs: middle.lowerBoundMs,
    binds: middle.binds,
    ratio,
    ...wrong,
    leaks,
    isClean,
    holds: ratio <= shape.target && isClean,
    others,
  };
}

/** The run whose ratio is the median; of two the better, since the machine's noise only ever adds. */
function middleOf(runs) {
  return runs.toSorted((a, b) => a.ratio - b.ratio)[Math.floor((runs.length - 1) / 2)];
}

function worstOf(runs) {
  const most = (pick) => Math.max(...runs.map(pick));
  return {
    outOfOrder: most((run) => run.outOfOrder),
    overlaps: most((run) => run.overlaps),
    wrongValues: most((run) => run.wrongValues),
    lost: most((run) => run.lost),
  };
}

/** `1.94`, with `12!` for pairs that ran out of order or at the same time, and `3 lost` for calls that should have succeeded. */
function renderOther(other) {
  if (other === undefined) return '–';
  const { ratio, outOfOrder, overlaps, lost } = other;
  const wrong = outOfOrder + overlaps;
  return `${ratio.toFixed(ratio < 10 ? 2 : 1)}${wrong > 0 ? ` ${wrong}!` : ''}${lost > 0 ? ` ${lost} lost` : ''}`;
}

function row(first, others) {
  const cells = first.map((text, at) => {
    const { width, isText } = columns[at];
    return isText ? text.padEnd(width) : text.padStart(width);
  });
  return [...cells, ...others.map((text) => text.padEnd(otherWidth))].join(' ').trimEnd();
}
