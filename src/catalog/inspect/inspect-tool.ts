import { isJsonObject } from '../../core/json.ts';
import type { JsonValue } from '../../core/json.ts';
import { showInvisible } from '../../core/text/show-invisible.ts';
import type { Tool } from '../../core/tool.ts';
import { otherFields } from '../lock/describe-tool.ts';
import { findHidden } from './find-hidden.ts';
import type { HiddenSigns } from './find-hidden.ts';

/** Of one tool, so many say enough. */
const maxMessages = 5;
const maxPathChars = 80;

/** Where one text of a tool stands, in words. */
interface ToolText {
  where: string;
  text: string;
  isName?: boolean;
}

/** What a tool hides in its name and in every text that clients get of it; a phrase for each place and kind. */
export function inspectTool(tool: Tool): readonly string[] {
  const known = inspected.get(tool);
  if (known !== undefined) return known;
  const messages: string[] = [];
  for (const { where, text, isName = false } of textsOf(tool)) {
    for (const signs of findHidden(text, { isName })) messages.push(`${where} holds ${describe(signs)}`);
    if (messages.length >= maxMessages) break;
  }
  const shown = messages.slice(0, maxMessages);
  inspected.set(tool, shown);
  return shown;
}

/** A tool is looked at with each change of the catalogue, and does not change itself. */
const inspected = new WeakMap<Tool, readonly string[]>();

function describe({ kind, count, codePoints, spells }: HiddenSigns): string {
  const listed = codePoints.join(', ');
  const all = count > codePoints.length ? `${listed}; ${count >= 1_000 ? 'many' : count} in all` : listed;
  return `${kind} (${all})${spells ? `, which spell ${JSON.stringify(spells)}` : ''}`;
}

function* textsOf(tool: Tool): Generator<ToolText> {
  const { name, title, description, annotations, inputSchema, outputSchema } = tool;
  yield { where: 'its name', text: name, isName: true };
  yield { where: 'its title', text: title ?? '' };
  yield { where: 'its description', text: description ?? '' };
  yield* textsOfValue('its annotations', annotations ?? {});
  yield* textsOfValue('its input schema', inputSchema);
  yield* textsOfValue('its output schema', outputSchema ?? {});
  yield* textsOfValue('its other fields', otherFields(tool));
}

/** Keys and texts, wherever they stand. Does not recurse: a schema may be deep. */
function* textsOfValue(root: string, value: JsonValue): Generator<ToolText> {
  const open: { value: JsonValue; path: string }[] = [{ value, path: '' }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value: found, path } = next;
    const where = path === '' ? root : `${root} at ${path}`;
    if (typeof found === 'string') yield { where, text: found };
    if (!Array.isArray(found) && !isJsonObject(found)) continue;
    // The last one is taken first, so what stands first is put there last.
    for (const [key, inner] of Object.entries(found).toReversed()) {
      if (!Array.isArray(found)) yield { where: `${where} (a key)`, text: key, isName: true };
      if (inner !== undefined)
        open.push({ value: inner, path: `${path}/${showInvisible(key)}`.slice(0, maxPathChars) });
    }
  }
}
