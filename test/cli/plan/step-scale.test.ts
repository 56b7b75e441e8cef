import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cellsOf, createStepScale, drawSteps } from '../../../src/cli/plan/step-scale.ts';

const anyScale = fc.tuple(fc.integer({ min: 1, max: 2_000 }), fc.integer({ min: 1, max: 200 }));

describe('the steps of a plan on a line', () => {
  test('each have a cell at least, in their order, inside the line', () => {
    fc.assert(
      fc.property(anyScale, ([steps, room]) => {
        const scale = createStepScale(steps, room);
        expect(scale.width).toBeLessThanOrEqual(room);
        const cells = Array.from({ length: steps }, (_, index) => cellsOf(index + 1, scale));
        const isWrong = ({ first, count }: { first: number; count: number }, index: number): boolean =>
          first < (cells[index - 1]?.first ?? 0) || count < 1 || first + count > scale.width;
        expect(cells.filter(isWrong)).toEqual([]);
      }),
    );
  });

  test('share no cell as long as there are enough', () => {
    const scale = createStepScale(5, 9);
    expect([1, 2, 3, 4, 5].map((step) => cellsOf(step, scale).first)).toEqual([0, 1, 2, 3, 4]);
  });

  test('are numbered where their cells are, as many as can be told apart', () => {
    expect(drawSteps(createStepScale(3, 48), false)).toBe('|1  |2  |3');
    expect(drawSteps(createStepScale(12, 12), false)).toBe('|1 |4 |7 |10');
    expect(drawSteps(createStepScale(0, 48), false)).toBe('');
  });

  test('have numbers that fit the line', () => {
    fc.assert(
      fc.property(anyScale, ([steps, room]) => {
        const scale = createStepScale(steps, room);
        expect(drawSteps(scale, true).length).toBeLessThanOrEqual(scale.width);
      }),
    );
  });
});
