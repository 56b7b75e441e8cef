import type { JsonObject } from '../../core/json.ts';
import type { Tool } from '../../core/tool.ts';
import { showInvisible } from '../../core/text/show-invisible.ts';
import { checkValue } from '../schema/check-value.ts';
import type { Flaw } from '../schema/flaw.ts';
import { createPatternBook } from '../schema/pattern-book.ts';
import { createSchemaDocument } from '../schema/schema-document.ts';
import type { SchemaDocument } from '../schema/schema-document.ts';
import { withoutErrorsOfHoles } from './hole-errors.ts';

const maxReasons = 5;
// A list of half a million wrong elements has as many errors, and of most of them only the number is said.
const maxDescribed = 1_000;
const maxPathChars = 200;
// Of one check, some 30 ms, since nobody else is served in the meantime. An ordinary call takes a hundred.
const maxSteps = 120_000;
// What is left to a tool whose checks have used up their steps again and again: a batch may call it a thousand times.
const leastSteps = 2_000;

/**
 * What is wrong with a call's arguments, at most five reasons; none if nothing is. `unchecked` says why they, or some of them, could not
 * be checked, and `warning` says so once per tool. `holes` are JSON Pointers of values that are not known yet: what those may turn out
 * to mend is not held against the call. `explain` adds to a reason where the value comes from.
 */
export type ArgumentValidator = (
  tool: Tool,
  args: JsonObject,
  known?: { holes?: readonly string[]; explain?: ((error: Flaw) => string | undefined) | undefined },
) => { reasons: readonly string[]; warning?: string; unchecked?: string };

/** What is remembered of a tool. */
interface Known {
  document: SchemaDocument;
  steps: number;
  isWarned: boolean;
}

/**
 * Checks arguments against the tool's `inputSchema`. The upstream checks them again, so what we cannot check safely we let pass: what
 * a reference to another document says, a pattern that could run for ever, arguments that would take too long.
 */
export function createArgumentValidator(): ArgumentValidator {
  const tools = new WeakMap<Tool, Known>();
  const patterns = createPatternBook();
  return (tool, args, { holes = [], explain = () => undefined } = {}) => {
    const known = tools.get(tool) ?? {
      document: createSchemaDocument(tool.inputSchema),
      steps: maxSteps,
      isWarned: false,
    };
    tools.set(tool, known);
    const { flaws, unchecked, isSpent } = checkValue(args, { document: known.document, patterns, steps: known.steps });
    if (isSpent) known.steps = Math.max(leastSteps, Math.floor(known.steps / 2));
    const reasons = describeErrors(withoutErrorsOfHoles(flaws, holes), explain);
    if (unchecked === undefined) return { reasons };
    const warning = `the arguments of ${tool.name} go to the server without having been checked in full against its input schema: ${unchecked}`;
    const isFirst = !known.isWarned;
    known.isWarned = true;
    return { reasons, unchecked, ...(isFirst && { warning }) };
  };
}

function describeErrors(errors: readonly Flaw[], explain: (error: Flaw) => string | undefined): string[] {
  const described = errors.slice(0, maxDescribed);
  // Names and patterns are the server's words, and a reason is a part of our line.
  const reasons = new Map(described.map((error) => [showInvisible(describeError(error)), error]));
  const shown = [...reasons]
    .slice(0, maxReasons)
    .map(([reason, error]) => [reason, explain(error) ?? []].flat().join(' '));
  const more = reasons.size - shown.length + errors.length - described.length;
  return more > 0 ? [...shown, `and ${more.toLocaleString('en-US')} more`] : shown;
}

/** Pointer and reason. Values are not repeated: they may be long, or secret. */
function describeError({ instancePath, keyword, params, message }: Flaw): string {
  const path = cut(instancePath);
  const inside = path === '' ? '' : ` in ${path}`;
  const named = (key: string): string => cut(JSON.stringify(params[key]));
  if (keyword === 'required') return `missing ${named('missingProperty')}${inside}`;
  if (keyword === 'additionalProperties') return `${named('additionalProperty')} is not an argument${inside}`;
  const subject = path === '' ? 'the arguments' : path;
  if (keyword === 'enum') return `${subject} must be one of ${listValues(params['allowedValues'])}`;
  if (keyword === 'const') return `${subject} must be ${named('allowedValue')}`;
  return `${subject} ${cut(message)}`;
}

function cut(text: string): string {
  return text.length > maxPathChars ? `${text.slice(0, maxPathChars)}…` : text;
}

function listValues(values: unknown): string {
  const all = Array.isArray(values) ? values : [];
  const shown = all.slice(0, 10).map((value) => JSON.stringify(value));
  return [...shown, ...(all.length > 10 ? ['…'] : [])].join(', ');
}
