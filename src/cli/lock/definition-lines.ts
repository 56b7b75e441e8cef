import type { ToolDefinition } from '../../catalog/lock/describe-tool.ts';
import type { ToolPart } from '../../catalog/lock/compare-tool.ts';
import { canonicalJson } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';
import { showInvisible } from '../../core/text/show-invisible.ts';

/** Longer ones are broken, since a terminal would, and what differs could be anywhere in them. */
const maxLineChars = 100;

/** One part of a definition as lines to be compared by eye: nothing in them is invisible, and none can lead a terminal. */
export function definitionLines(definition: ToolDefinition, part: ToolPart): string[] {
  if (part !== 'description') return jsonLines(definition[part] ?? {});
  const { title, description } = definition.description;
  const lines = [
    ...(title === null ? [] : [`title: ${title}`]),
    ...(description === null ? [] : description.split('\n').flatMap(sentencesOf)),
  ];
  return lines.map(showInvisible).flatMap(breakLine);
}

/** Any value as lines, its keys in order. */
export function jsonLines(value: object): string[] {
  const plain: JsonObject = JSON.parse(JSON.stringify(value));
  const ordered: unknown = JSON.parse(canonicalJson(plain));
  return JSON.stringify(ordered, null, 2).split('\n').map(showInvisible).flatMap(breakLine);
}

/** A paragraph in one line would be gone and come as a whole for each word in it. */
function sentencesOf(line: string): string[] {
  return line.split(/(?<=[.!?;:]) /);
}

function breakLine(line: string): string[] {
  if (line.length <= maxLineChars) return [line];
  return line.match(pieces) ?? [line];
}

const pieces = new RegExp(`.{1,${maxLineChars}}`, 'gsu');
