import { isJsonObject } from '../../core/json.ts';
import { worseClass } from '../../core/tool.ts';
import type { Tool, ToolClass } from '../../core/tool.ts';
import { classFromHints } from '../hint-class.ts';
import { freeInputOf } from './free-input.ts';
import type { FreeInput } from './free-input.ts';
import { verbOfName } from './verb-of-name.ts';
import type { NamedVerb } from './verb-of-name.ts';

/** The class in which a tool is proposed, and what somebody should look at before they rely on it. */
export interface ProposedClass {
  class: ToolClass;
  /** Each a phrase that can stand in a comment; none where nothing is doubtful. */
  doubts: readonly string[];
  /** What a reader should know of it besides, in such phrases: of many servers every tool has one, and the doubts would go under in them. */
  remarks: readonly string[];
}

type Hinted = ReturnType<typeof classFromHints>;

/**
 * What a tool probably is, by its hints, its name and what it takes. A hint is believed unless something says worse: a proposal errs on
 * the side of asking, and says in a doubt why. Without a hint nothing is proposed as a read.
 */
export function proposeClass(tool: Tool): ProposedClass {
  const hinted = classFromHints(tool);
  const named = verbOfName(tool.name);
  const free = freeInputOf(tool);
  const byHint = hinted?.class ?? 'write';
  const byName = named === undefined ? 'read' : named.class;
  const proposed = [byName, ...(free === undefined ? [] : [classOfFree(free, hinted)])].reduce(worseClass, byHint);
  const doubts = [
    ...doubtOfHint({ hinted, named }),
    ...(free === undefined ? [] : [`runs the ${free.kind} in its argument ${JSON.stringify(free.argument)}`]),
  ];
  return { class: proposed, doubts, remarks: isOpen(tool) ? ['reaches what is outside (openWorldHint)'] : [] };
}

/** A database can promise to read only; a shell that does is not believed. */
function classOfFree({ kind }: FreeInput, hinted: Hinted): ToolClass {
  return (kind === 'SQL' || kind === 'stages') && hinted?.class === 'read' ? 'write' : 'destructive';
}

function doubtOfHint({ hinted, named }: { hinted: Hinted; named: NamedVerb | undefined }): string[] {
  const says = named === undefined ? '' : `its name says ${JSON.stringify(named.verb)}`;
  if (hinted === undefined) return [named === undefined ? 'no hint' : `no hint; ${says}`];
  if (named === undefined || named.class === hinted.class) return [];
  const isBoth = named.class !== 'read' && hinted.class === 'destructive';
  // Tools that change something are told apart by their hints, and their names are often milder.
  return isBoth ? [] : [`the server says ${hinted.hint}, ${says}`];
}

function isOpen({ annotations }: Tool): boolean {
  const given: unknown = annotations;
  return isJsonObject(given) && given['openWorldHint'] === true;
}
