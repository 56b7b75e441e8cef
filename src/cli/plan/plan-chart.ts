import { toolClasses } from '../../core/tool.ts';
import { joinPieces, widestOf } from '../render/join-pieces.ts';
import type { Piece } from '../render/join-pieces.ts';
import { brushOfClass } from '../terminal/paint.ts';
import type { Brush, Paint } from '../terminal/paint.ts';
import { plainLine, plainText } from '../terminal/plain-text.ts';
import type { Screen } from '../terminal/screen.ts';
import { cutText, fitText } from '../terminal/text-width.ts';
import { wrapText } from '../terminal/wrap-text.ts';
import { describeRow } from './plan-words.ts';
import type { PlanWords } from './plan-words.ts';
import type { PlannedRow } from './planned-row.ts';
import { cellsOf, createStepScale, drawSteps } from './step-scale.ts';
import type { StepScale } from './step-scale.ts';

/** Of a terminal's width, what names may take. */
const labelShare = 0.5;
/** Of the rest, what the steps may take. */
const plotShare = 0.5;
/** Longer ids are cut, so that tools stay in line and on the screen. */
const maxIdWidth = 16;
/** Cells for the steps where nobody says how wide a line may be. */
const pipePlotWidth = 48;

type Look = Pick<Screen, 'isTerminal' | 'width' | 'unicode'> & { paint: Paint };

/**
 * A chart with one row per call, in the order asked, and a block in the step in which it could start at the earliest, each call taken
 * to last one step. Behind the blocks stand what a call waits for and why, and its locks; on a terminal too narrow for that, below,
 * where the whole reason of what would not run stands too. A pipe gets everything of a call on its line.
 */
export function renderPlanChart(rows: readonly PlannedRow[], { isTerminal, width, unicode, paint }: Look): string[] {
  if (rows.length === 0 || width < 1) return [];
  const mark = unicode ? '…' : '...';
  const labels = labelsOf(rows, mark);
  const labelWidth = Math.min(widestOf(labels), isTerminal ? Math.floor(width * labelShare) : Infinity);
  const room = isTerminal ? Math.floor((width - labelWidth) * plotShare) : pipePlotWidth;
  const steps = rows.reduce((most, { error, step }) => (error === undefined ? Math.max(most, step) : most), 0);
  const scale = createStepScale(steps, room);
  const endWidth = isTerminal ? Math.max(0, width - labelWidth - scale.width - 2) : Infinity;

  const words = rows.map(describeRow);
  const wholeOf = (index: number): string => words[index]?.whole ?? '';
  const isBehind = !isTerminal || widestOf(rows.map(({ error }, index) => (error ? '' : wholeOf(index)))) <= endWidth;
  const lines = rows.map((row, index) => {
    const isWhole = row.error === undefined ? isBehind : !isTerminal;
    const end = isWhole ? wholeOf(index) : (words[index]?.short ?? '');
    return joinPieces(isTerminal ? width : Infinity, [
      { text: fitText(labels[index] ?? '', labelWidth, mark) },
      { text: ' ' },
      ...drawRow(row, { scale, unicode, paint }),
      { text: ' ' },
      { text: cutText(end, endWidth, mark), brush: row.error && paint.bad },
    ]);
  });
  const axis = joinPieces(isTerminal ? width : Infinity, [
    { text: fitText('step'.padStart(Math.min(labelWidth, widestOf(labels))), labelWidth, ''), brush: paint.dim },
    { text: ' ' },
    { text: drawSteps(scale, unicode), brush: paint.dim },
  ]);
  const notes = isTerminal
    ? rows.flatMap((row, index) => renderNote(row, { words: words[index], isBehind, width }))
    : [];
  return [...lines, ...(scale.width > 0 ? [axis] : []), ...(notes.length > 0 ? ['', ...notes] : [])];
}

/** Id, class and tool, each in its column. */
function labelsOf(rows: readonly PlannedRow[], mark: string): string[] {
  const ids = rows.map(({ id }) => cutText(plainLine(id), maxIdWidth, mark));
  const classes = rows.map((row) => (row.class === undefined ? '-' : plainLine(row.class)));
  const [idWidth, classWidth] = [widestOf(ids), widestOf(classes)];
  return rows.map(({ tool }, index) => {
    const columns = [fitText(ids[index] ?? '', idWidth, ''), fitText(classes[index] ?? '', classWidth, '')];
    return `${columns.join(' ')} ${plainLine(tool)}`;
  });
}

/** Light while it waits for its step, then a block; a line for a call in whose stead another is sent. */
function drawRow(
  { step, error, sameAs, class: toolClass }: PlannedRow,
  { scale, unicode, paint }: { scale: StepScale; unicode: boolean; paint: Paint },
): Piece[] {
  if (error !== undefined) return [{ text: ' '.repeat(scale.width) }];
  const { first, count } = cellsOf(step, scale);
  const block = sameAs === undefined ? (unicode ? '█' : '#') : unicode ? '─' : '-';
  return [
    { text: (unicode ? '·' : '.').repeat(first), brush: paint.dim },
    { text: block.repeat(count), brush: brushOf(toolClass, paint) },
    { text: ' '.repeat(Math.max(0, scale.width - first - count)) },
  ];
}

function brushOf(toolClass: string | undefined, paint: Paint): Brush | undefined {
  const known = toolClasses.find((name) => name === toolClass);
  return known && paint[brushOfClass[known]];
}

/** What has found no room behind the blocks. */
function renderNote(
  { id, tool, error }: PlannedRow,
  { words, isBehind, width }: { words: PlanWords | undefined; isBehind: boolean; width: number },
): string[] {
  // A screen that is hardly wider than the indent has no room for one.
  const indent = Math.min(2, Math.max(0, width - 8));
  const wrap = (text: string): string[] => wrapText(text, { width, indent });
  if (error !== undefined)
    return wrap(`${plainLine(`${id} ${tool} ${error.code}`)}: ${plainText(error.message).trim()}`);
  return isBehind || words === undefined || words.whole === words.short ? [] : wrap(`${plainLine(id)} ${words.whole}`);
}
