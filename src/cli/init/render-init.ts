import { basename, dirname, join } from 'node:path';
import { formatCounted } from '../../batch/reply/format-amount.ts';
import { clientTitles } from '../../clients/client.ts';
import type { ClientReadings } from '../../clients/client.ts';
import type { NewFile } from '../../config/edit/write-new-files.ts';
import { renderPlace, renderProblem } from '../../core/place.ts';
import { countClasses } from '../../policy/propose/propose-policy.ts';
import type { ProposedTool } from '../../policy/propose/propose-policy.ts';
import { plainText } from '../terminal/plain-text.ts';
import { textWidth } from '../terminal/text-width.ts';
import { describeElsewhere } from './gather/describe-elsewhere.ts';
import type { PassedServer } from './gather/gather-servers.ts';
import type { InitPlan, PlannedServer } from './plan-init.ts';
import type { MovedSecret } from './secrets/vault.ts';
import { withoutSecrets } from './server-comments.ts';

/** What `init` has done, or would do. */
export interface InitReport {
  plan: InitPlan;
  readings: Pick<ClientReadings, 'files' | 'problems' | 'elsewhere'>;
  passed: readonly PassedServer[];
  moved: readonly MovedSecret[];
  /** Files with secrets that git would take. */
  unignored: readonly string[];
  isDry: boolean;
  /** What to type next. */
  next: readonly string[];
}

/** More doubtful tools of one server than this say less than their number; the file has them all. */
const maxDoubts = 8;

/** The report in lines for people. Secrets are named, and never there. */
export function renderInit({ plan, readings, passed, moved, unignored, isDry, next }: InitReport): string[] {
  const { servers, files, left, unwritable } = plan;
  const width = Math.max(0, ...servers.map(({ draft }) => textWidth(draft.found.name)));
  return [
    ...readings.problems.map((problem) => `warning: ${renderProblem(problem)}; passed over`),
    `${formatCounted(servers.length, 'server')} from ${formatCounted(readings.files.length, 'file')} of clients`,
    ...servers.flatMap((server) => renderServer(server, width)),
    ...passed.map(
      ({ client, name, place, reason }) =>
        `not taken over: ${name} of ${clientTitles[client]} (${renderPlace(place)}): ${reason}`,
    ),
    ...describeElsewhere(readings.elsewhere),
    ...(left.length === 0
      ? []
      : [
          `${formatCounted(left.length, 'rule')} of clients without a counterpart; mcp-marshal import --permissions lists them`,
        ]),
    ...moved.map(({ variable, of }) => `secret: ${of} is \${${variable}} now`),
    ...unwritable.map(
      (variable) => `by hand: no file of variables can hold the value of ${variable}; set it in the environment`,
    ),
    ...(isDry ? files.flatMap(renderFile) : renderWritten(files)),
    ...unignored.map(renderUnignored),
    ...(isDry
      ? ['nothing was written; leave out --dry-run to write']
      : next.map((command, index) => `${index === 0 ? 'next' : 'then'}: ${command}`)),
  ].map((line) => plainText(line.replaceAll('\n', ' ')).trimEnd());
}

/** What to do about a file with secrets that git would take. */
export function renderUnignored(path: string): string {
  return `careful: git would take ${path}, which holds secrets; write ${basename(path)} into ${join(dirname(path), '.gitignore')}`;
}

/** A policy for each server says less than where they are. */
function renderWritten(files: readonly NewFile[]): string[] {
  const own = files.filter(({ path }) => !isPolicy(path));
  const policies = files.filter(({ path }) => isPolicy(path));
  const [first] = policies;
  const folder =
    first === undefined ? [] : [`wrote ${formatCounted(policies.length, 'file')} in ${dirname(first.path)}`];
  return [
    ...folder,
    ...own.map(({ path, isPrivate }) => `wrote ${path}${isPrivate === true ? ' (for you alone)' : ''}`),
  ];
}

function isPolicy(path: string): boolean {
  return basename(dirname(path)) === 'policies';
}

/** The one file that is made for secrets is shown to nobody. */
function renderFile({ path, text, isPrivate }: NewFile): string[] {
  if (isPrivate === true) return [`would write ${path} (for you alone), with the secrets above`];
  return [
    `would write ${path}:`,
    ...text
      .trimEnd()
      .split('\n')
      .map((line) => `  ${line}`),
  ];
}

/** The report for programs. */
export function toInitJson({ plan, readings, passed, moved, unignored, isDry, next }: InitReport): object {
  const file = plan.files.at(-1)?.path;
  return {
    file,
    written: isDry ? [] : plan.files.map(({ path }) => path),
    // The texts hold no secrets, but for the one file that is made for them.
    ...(isDry && {
      files: plan.files.map(({ path, text, isPrivate }) => ({ path, ...(isPrivate !== true && { text }) })),
    }),
    servers: plan.servers.map(({ draft: { found, flaws }, seen, enabled, policy, reference }) => ({
      name: found.name,
      from: found.found.map(({ client, name, place }) => ({ client, name, place })),
      enabled,
      state: seen === undefined ? 'not asked' : seen.reached ? 'ready' : 'unreachable',
      reason: reasonOf({ seen }),
      flaws,
      policy: reference,
      tools: policy.tools && { total: policy.tools.length, ...countClasses(policy.tools) },
      doubtful: doubtfulOf(policy.tools).map(({ tool, class: toolClass, doubts }) => ({
        tool,
        class: toolClass,
        doubts,
      })),
      left: found.entry.left,
    })),
    passed,
    left: plan.left,
    secrets: moved.map(({ variable, of }) => ({ variable, of })),
    unwritable: plan.unwritable,
    unignored,
    problems: readings.problems,
    elsewhere: readings.elsewhere ?? [],
    next,
  };
}

function renderServer({ draft, seen, enabled, policy, reference }: PlannedServer, width: number): string[] {
  const { name } = draft.found;
  const doubtful = doubtfulOf(policy.tools);
  const shown = doubtful
    .slice(0, maxDoubts)
    .map(({ tool, class: toolClass, doubts }) => `    doubtful: ${tool} (${toolClass}): ${doubts.join('; ')}`);
  const more = doubtful.length - shown.length;
  return [
    `  ${name.padEnd(width)}  ${[describe({ draft, seen, enabled, policy }), reference].join('  ')}`,
    ...shown,
    ...(more > 0 ? [`    and ${more} more; ${reference} marks them`] : []),
  ];
}

function describe({
  draft,
  seen,
  enabled,
  policy,
}: Pick<PlannedServer, 'draft' | 'enabled' | 'policy'> & { seen: PlannedServer['seen'] }): string {
  const reason = reasonOf({ seen });
  const off = enabled ? '' : 'switched off: ';
  if (draft.flaws.length > 0) return `${off}${draft.flaws.join('; ')}`;
  if (reason !== undefined) return `${off === '' ? 'not reached: ' : off}${reason}`;
  if (seen === undefined) return enabled ? 'not asked' : 'switched off, as there';
  const { read, write, destructive } = countClasses(policy.tools ?? []);
  return `${formatCounted(policy.tools?.length ?? 0, 'tool')}: ${read} read, ${write} write, ${destructive} destructive`;
}

function reasonOf({ seen }: { seen: PlannedServer['seen'] }): string | undefined {
  return seen?.reached === false ? withoutSecrets(seen.reason) : undefined;
}

function doubtfulOf(tools: readonly ProposedTool[] = []): readonly ProposedTool[] {
  return tools.filter(({ doubts }) => doubts.length > 0);
}
