import { toolSignature } from '../../batch/plan/tool-signature.ts';
import type { OfferedCall, OfferedRecipe } from '../../batch/recipe/offer-recipe.ts';
import { renderPlace } from '../../core/place.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../failure.ts';
import { print, printJson } from '../output.ts';
import { renderTable } from '../render/table.ts';
import type { Cell } from '../render/table.ts';
import { brushOfClass, createPaint } from '../terminal/paint.ts';
import type { Paint } from '../terminal/paint.ts';
import { plainLine } from '../terminal/plain-text.ts';
import { describeScreen } from '../terminal/screen.ts';

/** Explains a recipe by its calls: what each is, and why, or why it cannot run. */
export function explainRecipe(
  context: CliContext,
  { recipe, tool, class: toolClass, reason, calls }: OfferedRecipe,
): number {
  const signature = toolSignature(recipe.parameters);
  if (context.json) {
    printJson(context, { name: tool.name, place: recipe.place, class: toolClass, reason, signature, calls });
    return exitCodes.ok;
  }
  const { isTerminal, width, unicode, color } = describeScreen(context.io, 'stdout');
  const paint = createPaint({ color });
  const bounds = { width: isTerminal ? width : Infinity, mark: unicode ? '…' : '...' };
  print(context, [
    paint.bold(plainLine(tool.name)),
    `  recipe      ${plainLine(renderPlace(recipe.place))}`,
    `  arguments   ${plainLine(signature)}`,
    `  class       ${paint[brushOfClass[toolClass]](toolClass)}: ${plainLine(reason)}`,
    'calls:',
    ...renderTable(
      calls.map((call) => toRow(call, paint)),
      bounds,
    ),
  ]);
  return exitCodes.ok;
}

function toRow({ id, tool, class: toolClass, reason = '', problem }: OfferedCall, paint: Paint): Cell[] {
  const why = problem === undefined ? reason : `cannot run: ${problem}`;
  return [
    { text: `  ${id}` },
    { text: plainLine(tool) },
    { text: toolClass ?? '', ...(toolClass !== undefined && { brush: paint[brushOfClass[toolClass]] }) },
    { text: plainLine(why), brush: paint.dim },
  ];
}
