import { fieldName } from '../../batch/input/quote-value.ts';
import { firstSentence, trimDescription } from '../../catalog/present/trim-description.ts';
import { isJsonObject, type JsonObject } from '../../core/json.ts';
import { recipeServer, toolClasses, type Surface } from '../../core/tool.ts';
import { withoutControls } from '../../lib/without-controls.ts';
import type { Setup } from '../setup.ts';
import { compactSignature, wholeSignature } from './compact-signature.ts';
import type { FoundTools } from './find-tools.ts';
import type { FindableTool } from './tool-book.ts';

/** Of the whole answer: what clients show to a model without cutting it, and some fifty lines. */
const maxChars = 12_000;
const maxSentenceChars = 160;
/** Of a description, for its first sentence: far more than stands before any, and a description may be as long as a message. */
const maxLookedAtChars = 10_000;
/** Of one tool's own words and arguments, so that some of the others are there as well. */
const maxDetailChars = 8_000;

/** What was found, as text: the tool that was named in full, the others a line each, and how to call them. */
export function renderFound({ exact, others, leftOut, visible }: FoundTools, { surface, settings }: Setup): string {
  const limit = Math.min(maxChars, settings.maxReplyChars);
  const head = exact === undefined ? [] : renderWhole(exact, Math.min(maxDetailChars, limit));
  const way = renderWay([...(exact === undefined ? [] : [exact]), ...others], surface);
  const kept: string[] = [];
  let chars = way.length + tailChars + head.join('\n').length;
  for (const line of others.map(renderLine)) {
    chars += line.length + 1;
    // The first one is bounded by itself.
    if (chars > limit && head.length + kept.length > 0) break;
    kept.push(line);
  }
  const lines = [...(head.length > 0 && kept.length > 0 ? ['', 'Others:'] : []), ...kept];
  const left = others.length - kept.length;
  const beyond =
    leftOut > 0 ? [`${leftOut} more match less well: write "limit":${others.length + leftOut} to see them`] : [];
  const missing = left > 0 ? [`${left + leftOut} more; ask in other words`] : beyond;
  return [...head, ...lines, ...missing, '', `${way} ${visible.length} tools in all.`].join('\n');
}

/** What stands around the lines. */
const tailChars = 80;

/** `github__get_issue(owner: string, number: number) [read] Gets an issue.` */
export function renderLine(found: FindableTool): string {
  const { exposedName, tool } = found;
  const said = (tool.description ?? tool.title ?? '').slice(0, maxLookedAtChars);
  const words = firstSentence(withoutControls(said), maxSentenceChars);
  return `${exposedName}${compactSignature(tool.inputSchema)} ${renderClass(found)}${words === '' ? '' : ` ${words.replaceAll(/\s+/g, ' ')}`}`;
}

function renderClass({ classes, asks }: FindableTool): string {
  const [one, ...more] = toolClasses.filter((toolClass) => classes.includes(toolClass));
  if (more.length === 0) return `[${one}${asks ? ', asks a person in a batch' : ''}]`;
  return `[${[one, ...more].join(' or ')}: depends on arguments${asks ? ', may ask a person in a batch' : ''}]`;
}

/** All that is known of a tool: its signature, its own words, and what each argument is for; in about `limit` characters. */
export function renderWhole(found: FindableTool, limit: number): string[] {
  const { exposedName, tool, server } = found;
  const signature = wholeSignature(tool.inputSchema, Math.floor(limit / 2));
  const title = `${exposedName}${signature} ${renderClass(found)} server: ${server}`;
  const fields = renderFields(tool.inputSchema, limit - title.length - leastWordChars);
  const words = trimDescription(
    withoutControls(tool.description ?? '').trim(),
    Math.max(leastWordChars, limit - title.length - fields.join('\n').length),
  );
  return [title, ...(words === '' ? [] : [indented(words)]), ...(fields.length === 0 ? [] : ['Arguments:', ...fields])];
}

/** Of a tool's own words, however many arguments it has. */
const leastWordChars = 500;
const maxFields = 60;
const maxFieldChars = 500;

/** What each argument is for, those first that a call must have. Its type stands in the signature, and those without room here, too. */
function renderFields(schema: JsonObject, room: number): string[] {
  const { properties, required } = schema;
  if (!isJsonObject(properties)) return [];
  const needed = new Set(Array.isArray(required) ? required : []);
  const all = Object.entries(properties);
  const sorted = [...all.filter(([name]) => needed.has(name)), ...all.filter(([name]) => !needed.has(name))];
  const lines: string[] = [];
  let chars = 0;
  for (const [name, field] of sorted.slice(0, maxFields)) {
    const words = isJsonObject(field) && typeof field['description'] === 'string' ? field['description'] : '';
    const mark = needed.has(name) ? ' (required)' : '';
    const told = trimDescription(withoutControls(words).trim(), maxFieldChars);
    const line = `- ${fieldName(name)}${mark}${told === '' ? '' : `: ${indented(told).trimStart()}`}`;
    chars += line.length + 1;
    if (chars > room) break;
    lines.push(line);
  }
  const left = all.length - lines.length;
  return left > 0 ? [...lines, `- and ${left} more; their names stand above`] : lines;
}

/** What a server says never begins a line as ours do: it could name another server's tool there, or a milder class. */
function indented(text: string): string {
  return text
    .split(/[\n\u2028\u2029]/)
    .map((line) => (line.trim() === '' ? '' : `  ${line}`))
    .join('\n');
}

function renderWay(found: readonly FindableTool[], surface: Surface): string {
  const isRecipe = found.every(({ server }) => server === recipeServer);
  if (isRecipe) return 'Call by this name; a recipe stands in no batch.';
  const example = `{"calls":[{"tool":"${found.find(({ server }) => server !== recipeServer)?.exposedName}","arguments":{…}}]}`;
  const reads = found.every(({ classes }) => classes.every((toolClass) => toolClass === 'read'));
  const batch = reads ? 'batch_read' : 'batch_call (batch_read if all are [read])';
  // Under the other surfaces no tool is in the client's list, and most clients let a model call nothing else.
  const alone = surface === 'passthrough' ? ', or by its name if your list has it' : '';
  const recipes = found.some(({ server }) => server === recipeServer)
    ? ' A recipe is called by its name, in no batch.'
    : '';
  return `Call with ${batch}: ${example}${alone}.${recipes}`;
}
