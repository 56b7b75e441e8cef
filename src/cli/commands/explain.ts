import { toolSignature } from '../../batch/plan/tool-signature.ts';
import { formatMs } from '../../batch/reply/format-amount.ts';
import type { CatalogEntry } from '../../catalog/build-catalog.ts';
import type { Config } from '../../config/config.ts';
import type { JsonObject } from '../../core/json.ts';
import { renderLock } from '../../core/lock.ts';
import type { Lock } from '../../core/lock.ts';
import type { Decision } from '../../core/verdict.ts';
import { explainTool, renderStep } from '../../policy/explain-tool.ts';
import type { ToolExplanation } from '../../policy/explain-tool.ts';
import { locksOfCall } from '../../policy/locks/locks-of-call.ts';
import { toolRuleOf } from '../../policy/policy-index.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../failure.ts';
import { findEntry } from '../proxy/find-entry.ts';
import { openConfig, openProxy, tellWarnings } from '../proxy/open-proxy.ts';
import { print, printJson } from '../output.ts';
import { parseArguments } from '../input/parse-arguments.ts';
import { readStdin } from '../input/read-stdin.ts';
import { describeLocks } from '../render/lock-words.ts';
import { brushOfClass, createPaint } from '../terminal/paint.ts';
import { plainLine } from '../terminal/plain-text.ts';
import { describeScreen } from '../terminal/screen.ts';

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
  const entry = await findEntry(context, openProxy(context, config), name);
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
  annotations: JsonObject;
  arguments: JsonObject | undefined;
}

function explainEntry(
  { exposedName, server, tool, policy }: CatalogEntry,
  { config, callArgs }: { config: Config; callArgs: JsonObject | undefined },
): Explained {
  const explanation = explainTool(tool, policy, callArgs);
  const { class: toolClass } = explanation.classification;
  const locks = locksOfCall({ policy, toolName: tool.name, class: toolClass, args: callArgs ?? {}, route: 'batch' });
  return {
    name: exposedName,
    server,
    tool: tool.name,
    signature: toolSignature(tool.inputSchema),
    ...explanation,
    locks,
    timeoutMs:
      toolRuleOf(policy, tool.name)?.timeoutMs ??
      config.servers.find(({ name }) => name === server)?.timeoutMs ??
      policy.limits.timeoutMs,
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

function renderDecision({ decision, reason }: Decision): string {
  return `${decision}: ${reason}`;
}
