import { formatCounted } from '../../batch/reply/format-amount.ts';
import type { ToolClass } from '../../core/tool.ts';
import { diffLines } from '../import/diff-lines.ts';
import type { Written } from '../import/write-changes.ts';
import { renderUnignored } from '../init/render-init.ts';
import { withoutSecrets } from '../init/server-comments.ts';
import { plainText } from '../terminal/plain-text.ts';
import type { Addition } from './plan-addition.ts';

/** What `add` has done, or would do. */
export interface AdditionReport {
  plan: Addition;
  written: readonly Written[];
  isDry: boolean;
  /** What to type next. */
  next: readonly string[];
}

/** More names than this in a line are read by nobody; mcp-marshal tools has them all. */
const maxNames = 20;
const classes = ['read', 'write', 'destructive'] as const;

/** When proxies that run have it: one that watches reads its files again, any other is started anew by its client. */
export const takenOver =
  'a proxy that runs with --watch takes this over by itself, any other when it is restarted, as by restarting its client';

/** The report in lines for people. Secrets are named, and never there. */
export function renderAddition({ plan, written, isDry, next }: AdditionReport): string[] {
  const { draft, own, moved, unwritable, fromOutside, unignored, reference, changes } = plan;
  const { name } = draft.found;
  return [
    ...(own.current === undefined ? [`there is no configuration yet; this makes ${own.file}`] : []),
    `${name}: ${describe(plan)}`,
    ...toolsOf(plan).flatMap(({ class: toolClass, names }) => `  ${toolClass}: ${list(names)}`),
    ...doubtsOf(plan).map(
      ({ tool, class: toolClass, doubts }) => `  doubtful: ${tool} (${toolClass}): ${doubts.join('; ')}`,
    ),
    ...('command' in draft.launch && draft.launch.cwd !== undefined ? [`starts in: ${draft.launch.cwd}`] : []),
    `policy: ${reference}`,
    ...moved.map(({ variable, of }) => `secret: ${of} is \${${variable}} now`),
    ...unwritable.map(
      (variable) => `by hand: no file of variables can hold the value of ${variable}; set it in the environment`,
    ),
    ...fromOutside.map(
      (variable) =>
        `careful: ${variable} is set here, and has to be wherever mcp-marshal is started, or nothing starts there; --env ${variable}=VALUE keeps it beside the configuration`,
    ),
    ...(isDry
      ? changes.flatMap(({ path, from, to, isPrivate }) => [
          `would write ${path}${from === undefined ? ' (new)' : ''}:`,
          // The one file that is made for secrets is shown to nobody.
          ...(isPrivate === true
            ? ['  values of the secrets above']
            : diffLines(from ?? '', to).map((line) => `  ${line}`)),
        ])
      : written.map(renderWritten)),
    ...unignored.map(renderUnignored),
    ...(isDry ? ['nothing was written; leave out --dry-run to write'] : [takenOver]),
    ...(isDry ? [] : next.map((command, index) => `${index === 0 ? 'next' : 'then'}: ${command}`)),
  ].map((line) => plainText(line.replaceAll('\n', ' ')).trimEnd());
}

/** The same for programs. */
export function toAdditionJson({ plan, written, isDry, next }: AdditionReport): object {
  const { draft, own, seen, reference, moved, unwritable, fromOutside, unignored, changes } = plan;
  return {
    name: draft.found.name,
    file: own.file,
    isNew: own.current === undefined,
    enabled: draft.enabled,
    state: seen === undefined ? 'not asked' : seen.reached ? 'ready' : 'unreachable',
    reason: seen?.reached === false ? withoutSecrets(seen.reason) : undefined,
    needsLogin: seen?.reached === false && seen.needsLogin,
    flaws: draft.flaws,
    policy: reference,
    tools: toolsOf(plan).flatMap(({ class: toolClass, names }) => names.map((tool) => ({ tool, class: toolClass }))),
    doubtful: doubtsOf(plan).map(({ tool, class: toolClass, doubts }) => ({ tool, class: toolClass, doubts })),
    secrets: moved.map(({ variable, of }) => ({ variable, of })),
    unwritable,
    fromOutside,
    unignored,
    written,
    // The texts hold no secrets, but for the one file that is made for them.
    ...(isDry && {
      changes: changes.map(({ path, from, to, isPrivate }) => ({
        path,
        isNew: from === undefined,
        ...(isPrivate !== true && { text: to }),
      })),
    }),
    next,
  };
}

/** What was written, and where the old one is. */
export function renderWritten({ path, backup }: Written): string {
  return `wrote ${path}${backup === undefined ? '' : `; the old one is ${backup}`}`;
}

function describe(plan: Addition): string {
  const { draft, seen } = plan;
  if (!draft.enabled) return `added switched off: ${draft.flaws.join('; ')}; then remove enabled: false`;
  if (seen === undefined) return 'added without asking it for its tools';
  if (!seen.reached) return `added, but not reached: ${withoutSecrets(seen.reason)}`;
  const counts = toolsOf(plan).map(({ class: toolClass, names }) => `${names.length} ${toolClass}`);
  return (
    [formatCounted(seen.entries.length, 'tool'), ...counts.slice(0, 1)].join(': ') +
    counts
      .slice(1)
      .map((one) => `, ${one}`)
      .join('')
  );
}

/** By the classes that they are proposed with, or have by the policy that was named; a class without tools is left out. */
function toolsOf({ seen, policy }: Addition): { class: ToolClass; names: string[] }[] {
  const entries = seen?.reached === true ? seen.entries : [];
  const judged =
    policy?.tools ?? entries.map(({ tool, classification }) => ({ tool: tool.name, class: classification.class }));
  return classes
    .map((toolClass) => ({
      class: toolClass,
      names: judged.filter((one) => one.class === toolClass).map(({ tool }) => tool),
    }))
    .filter(({ names }) => names.length > 0);
}

function doubtsOf({ policy }: Addition): NonNullable<NonNullable<Addition['policy']>['tools']>[number][] {
  return (policy?.tools ?? []).filter(({ doubts }) => doubts.length > 0);
}

function list(names: readonly string[]): string {
  const more = names.length - maxNames;
  return `${names.slice(0, maxNames).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
