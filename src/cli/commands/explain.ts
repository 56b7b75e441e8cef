import { toolSignature } from '../../batch/plan/tool-signature.ts';
import { formatCounted, formatMs } from '../../batch/reply/format-amount.ts';
import { describeQuarantine, type CatalogEntry } from '../../catalog/build-catalog.ts';
import type { Config } from '../../config/config.ts';
import type { Policy } from '../../config/policy.ts';
import type { Remembrance } from '../../core/approval.ts';
import type { Rate } from '../../core/clock.ts';
import type { JsonObject } from '../../core/json.ts';
import { renderLock } from '../../core/lock.ts';
import type { Lock } from '../../core/lock.ts';
import type { Decision, FlowMark } from '../../core/verdict.ts';
import { explainTool, renderStep } from '../../policy/explain-tool.ts';
import type { ToolExplanation } from '../../policy/explain-tool.ts';
import { locksOfCall } from '../../policy/locks/locks-of-call.ts';
import { toolRuleOf } from '../../policy/policy-index.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../failure.ts';
import { describeProof } from '../check-report.ts';
import { findEntry } from '../proxy/find-entry.ts';
import { awaitUpstreams } from '../proxy/await-upstreams.ts';
import { openConfig, openProxy, tellWarnings } from '../proxy/open-proxy.ts';
import { recipeOfName } from '../proxy/recipe-of-name.ts';
import { print, printJson } from '../output.ts';
import { parseArguments } from '../input/parse-arguments.ts';
import { readStdin } from '../input/read-stdin.ts';
import { describeLocks } from '../render/lock-words.ts';
import { brushOfClass, createPaint } from '../terminal/paint.ts';
import { plainLine } from '../terminal/plain-text.ts';
import { describeScreen } from '../terminal/screen.ts';
import { explainRecipe } from './explain-recipe.ts';

/** A tool as it was named, and its arguments as they were typed. */
export interface NamedCall {
  name: string;
  pairs: readonly string[];
  args: string | undefined;
}

/** Explains what policy makes of one tool, or of one call of it where arguments are given. Sends nothing to the tool. */
export async function explain(context: CliContext, { name, pairs, args }: NamedCall): Promise<number> {
  const config = await openConfig(context);
  tellWarnings(context, config);
  const proxy = openProxy(context, config);
  const recipe = recipeOfName(config, name);
  if (recipe !== undefined) {
    await awaitUpstreams(context, proxy);
    return explainRecipe(context, proxy.recipes().get(recipe.name)!);
  }
  const entry = await findEntry(context, proxy, name);
  const given = { pairs, args, cwd: context.io.cwd, readStdin: () => readStdin(context) };
  const isCall = pairs.length > 0 || args !== undefined;
  const callArgs = isCall ? await parseArguments(given, entry.tool.inputSchema) : undefined;
  const explained = explainEntry(entry, { config, callArgs });
  if (context.json) printJson(context, { ...explained, locks: explained.locks.map(renderLock) });
  else print(context, renderExplained(explained, context));
  return exitCodes.ok;
}

interface Explained extends ToolExplanation {
  name: string;
  server: string;
  tool: string;
  signature: string;
  /** Locks of a call inside a batch. Without arguments, those of a call that names no resource. */
  locks: Lock[];
  timeoutMs: number | undefined;
  /** How long a result is used again; absent: not at all. `'none'`: the tool's rule says so where its policy says otherwise. */
  cacheMs: number | 'none' | undefined;
  /** Calls that its server is sent at most, of this tool and all others. */
  rate: Rate | undefined;
  /** Alone in the whole process. */
  barrier: boolean;
  /** The file of its policy, or `builtin:NAME`, and what the rules there were held against, where it says so. */
  policy: { file?: string; proven?: Policy['proven'] };
  /** Why it is not called, whatever policy says. */
  quarantine: string | undefined;
  marks: readonly FlowMark[];
  /** How far a person's yes may be remembered. */
  remember: Remembrance;
  annotations: JsonObject;
  arguments: JsonObject | undefined;
}

function explainEntry(
  { exposedName, server, tool, policy, quarantine, marks }: CatalogEntry,
  { config, callArgs }: { config: Config; callArgs: JsonObject | undefined },
): Explained {
  const explanation = explainTool(tool, policy, { args: callArgs, quarantine });
  const { class: toolClass } = explanation.classification;
  const locks = locksOfCall({ policy, toolName: tool.name, class: toolClass, args: callArgs ?? {}, route: 'batch' });
  const rule = toolRuleOf(policy, tool.name);
  return {
    name: exposedName,
    server,
    tool: tool.name,
    signature: toolSignature(tool.inputSchema),
    ...explanation,
    locks,
    timeoutMs:
      rule?.timeoutMs ?? config.servers.find(({ name }) => name === server)?.timeoutMs ?? policy.limits.timeoutMs,
    cacheMs: toolClass === 'read' ? (rule?.cacheMs ?? policy.cacheMs) : undefined,
    rate: policy.limits.rate,
    barrier: rule?.barrier === true,
    policy: {
      ...(policy.file !== undefined && { file: policy.file }),
      ...(policy.proven !== undefined && { proven: policy.proven }),
    },
    quarantine,
    marks,
    remember: rule?.remember ?? policy.remember,
    annotations: { ...tool.annotations },
    arguments: callArgs,
  };
}

function renderExplained(explained: Explained, { io }: CliContext): string[] {
  const paint = createPaint(describeScreen(io, 'stdout'));
  const { name, server, tool, classification, decisions, locks, timeoutMs, steps, annotations } = explained;
  const hints = Object.entries(annotations).map(([hint, value]) => `${hint}: ${JSON.stringify(value)}`);
  const facts: [string, string][] = [
    ['server', server],
    ['tool', tool],
    ['arguments', explained.signature],
    ['hints', hints.join(', ') || 'none'],
    [
      'class',
      `${paint[brushOfClass[classification.class]](classification.class)}: ${plainLine(classification.reason)}`,
    ],
    ['in a batch', renderDecision(decisions.batch)],
    ['by itself', renderDecision(decisions.passthrough)],
    [
      'locks',
      `${describeLocks(locks).join(', ') || 'none'}${explained.arguments === undefined ? ' (without arguments)' : ''}`,
    ],
    ['timeout', timeoutMs === undefined ? '2 min in a batch; none by itself' : formatMs(timeoutMs)],
    ...renderExtras(explained),
  ];
  return [
    paint.bold(plainLine(name)),
    // Escape sequences of ours stand in the class alone; what a server says is made plain before.
    ...facts.map(([label, text]) => `  ${label.padEnd(10)}  ${label === 'class' ? text : plainLine(text)}`),
    'considered, in this order:',
    ...steps.map((step) => {
      const line = `  ${plainLine(renderStep(step))}`;
      return step.decided ? paint.bold(line) : step.matched ? line : paint.dim(line);
    }),
  ];
}

/** What most policies do not set. */
function renderExtras(explained: Explained): [string, string][] {
  const { cacheMs, rate, barrier, server, policy, quarantine, marks, remember, decisions } = explained;
  const isAsked = decisions.batch.decision === 'ask' || decisions.passthrough.decision === 'ask';
  const { file, proven } = policy;
  const isUnknown = file?.startsWith('builtin:') === true && explained.classification.source !== 'rule';
  return [
    ...(proven === undefined
      ? []
      : [factOf('policy', `${file}, ${describeProof(proven)}${isUnknown ? '; it does not know this tool' : ''}`)]),
    ...(quarantine === undefined ? [] : [factOf('lock file', `the tool ${describeQuarantine(quarantine)}`)]),
    ...(marks.length === 0 ? [] : [factOf('flow', marks.map((mark) => flowWords[mark]).join('; '))]),
    ...(isAsked ? [factOf('a yes', rememberWords[remember])] : []),
    ...(barrier ? [factOf('barrier', 'runs alone in the whole process')] : []),
    ...(cacheMs === undefined ? [] : [factOf('cache', describeCache(cacheMs))]),
    ...(rate === undefined ? [] : [factOf('rate', `${describeRate(rate)}, all tools of ${server} together`)]),
  ];
}

const flowWords: Readonly<Record<FlowMark, string>> = {
  untrusted: 'untrusted: strangers may have written what it returns',
  private: 'private: what it returns is not for everybody',
  exfiltrates: 'exfiltrates: it can let something out',
};

const rememberWords: Readonly<Record<Remembrance, string>> = {
  none: 'holds for one call',
  arguments: 'may be remembered for the same arguments',
  session: 'may be remembered for the session',
};

function factOf(label: string, text: string): [string, string] {
  return [label, text];
}

function describeCache(cacheMs: number | 'none'): string {
  return cacheMs === 'none' ? 'none: each call is sent' : `a result is used again for ${formatMs(cacheMs)}`;
}

function describeRate({ calls, perMs }: Rate): string {
  const unit = { 1_000: 's', 60_000: 'min', 3_600_000: 'h' }[perMs] ?? formatMs(perMs);
  return `${formatCounted(calls, 'call')} per ${unit}`;
}

function renderDecision({ decision, reason }: Decision): string {
  return `${decision}: ${reason}`;
}
