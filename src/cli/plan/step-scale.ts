/** Where the steps of a plan stand on a line. */
export interface StepScale {
  steps: number;
  /** Cells for all of them. */
  width: number;
}

/** Wide enough for three digits, narrow enough that what stands behind a short plan is near. */
const widestStep = 4;

/** A scale of at most `room` cells: whole cells per step as long as there are enough of them. */
export function createStepScale(steps: number, room: number): StepScale {
  if (steps <= 0 || room <= 0) return { steps, width: 0 };
  return { steps, width: Math.min(room, steps * Math.max(1, Math.min(widestStep, Math.floor(room / steps)))) };
}

/** The cells of one step, from 1: the first of them, and how many there are, at least one. */
export function cellsOf(step: number, { steps, width }: StepScale): { first: number; count: number } {
  if (width === 0) return { first: 0, count: 0 };
  const first = Math.min(width - 1, Math.floor(((step - 1) * width) / steps));
  return { first, count: Math.max(1, Math.floor((step * width) / steps) - first) };
}

/** The numbers of the steps under a chart, as many as can be told apart. */
export function drawSteps(scale: StepScale, unicode: boolean): string {
  let line = '';
  for (let step = 1; step <= scale.steps; step++) {
    const { first } = cellsOf(step, scale);
    const label = `${unicode ? '│' : '|'}${step}`;
    // A number needs a gap before the next.
    const isFree = line === '' || first > line.length;
    if (isFree && first + label.length <= scale.width) line = line.padEnd(first) + label;
  }
  return line;
}
