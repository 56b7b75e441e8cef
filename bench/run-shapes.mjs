// The table of shapes, row by row, and the method below it.
import { measureShape } from './measure-shape.mjs';
import { shapes } from './shapes.mjs';
import { summarise, tableHead, tableRow } from './table.mjs';

/**
 * Measures the shapes whose ids begin with one of `only` (absent: all) and prints a row for each.
 * @returns per shape its summary and every run, for a machine to read
 */
export async function runShapes({ only, isQuick }) {
  const runs = isQuick ? { marshal: 2, slow: 1, others: 0 } : { marshal: 5, slow: 5, others: 1 };
  const wanted = shapes.filter(({ id }) => only === undefined || only.some((prefix) => id.startsWith(prefix)));
  if (wanted.length === 0) return [];
  console.log(tableHead());
  const measured = [];
  for (const shape of wanted) {
    const { ways, leaks } = await measureShape(shape, { runs, isQuick });
    const summary = summarise(shape, { ways, leaks });
    console.log(tableRow(shape, summary));
    measured.push({ id: shape.id, title: shape.title, target: shape.target, ...summary, runs: ways });
  }
  console.log(`\n${describeFaults(measured, isQuick)}\n${method(runs, isQuick)}`);
  return measured;
}

function describeFaults(measured, isQuick) {
  const sum = (pick) => measured.reduce((total, shape) => total + pick(shape), 0);
  const faults = `order violations ${sum((shape) => shape.outOfOrder)}, overlaps of conflicting calls ${sum((shape) => shape.overlaps)}, wrong values ${sum((shape) => shape.wrongValues)}, lost calls ${sum((shape) => shape.lost)}`;
  const leaks = isQuick ? 'not measured' : sum((shape) => shape.leaks);
  const where = measured.filter(({ isClean }) => !isClean).map(({ id }) => id);
  return `mcp-marshal, all shapes: ${faults}, leaks ${leaks}${where.length > 0 ? ` — in ${where.join(', ')}` : ''}`;
}

function method({ marshal, slow, others }, isQuick) {
  const own = `${isQuick ? 'the better' : 'median'} of ${marshal} runs${slow < marshal ? ` (B09, B18: ${slow})` : ''}`;
  const rest = isQuick
    ? 'n!: conflicting pairs out of order or at once. Neither other ways nor leaks with --quick.'
    : `Others: ${others} run, as many in flight (B09: 1 by 1 would take over a minute). n!: conflicting pairs out of order or at once.`;
  return [
    'ms ≥: no schedule is faster, for the times that the servers took in that run (longest chain, slots, or a server).',
    `Ratio: time at the client over that. mcp-marshal: one batch_call over stdio, ${own}; leaks: by the library.`,
    rest,
  ].join('\n');
}
