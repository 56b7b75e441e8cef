import { dirname, resolve } from 'node:path';
import type { Config } from '../../../config/config.ts';
import { renderProblem } from '../../../core/place.ts';
import { ConfigError } from '../../../config/config-error.ts';
import type { CliContext } from '../../context.ts';
import { exitCodes } from '../../failure.ts';
import { isOfOurServer, judgeToolUse, ownNameOf } from '../../hook/judge-tool-use.ts';
import { renderAnswer } from '../../hook/render-answer.ts';
import type { HookAnswer } from '../../hook/render-answer.ts';
import { readToolUse } from '../../hook/tool-use.ts';
import { tell } from '../../output.ts';
import { openKeptCatalog } from '../../proxy/kept-catalog.ts';
import { openConfig } from '../../proxy/open-proxy.ts';

/** The largest message that a client may send us over stdio holds the largest batch, and escapes make no more than this of it. */
const maxInputBytes = 64 * 1024 * 1024;

/** What the hook was registered with. */
export interface HookRegistration {
  /** The name under which the client has mcp-marshal. */
  server: string | undefined;
  /** Words that the command does not know. */
  unknown: readonly string[];
}

/**
 * Answers one `PreToolUse` of Claude Code: what policy decides about each call of a batch, a recipe or a tool of ours. Says nothing about
 * other tools. Connects to nothing, and ends with 0 whatever happens: where it cannot judge, a person is to be asked; any other exit
 * code would let the call pass, or block every one.
 */
export async function hookClaudeCode(context: CliContext, registration: HookRegistration): Promise<number> {
  const answer = await findAnswer(context, registration).catch((error: unknown) => cannotJudge(describe(error)));
  if (answer !== undefined) context.io.stdout.write(`${renderAnswer(answer)}\n`);
  return exitCodes.ok;
}

async function findAnswer(context: CliContext, { server, unknown }: HookRegistration): Promise<HookAnswer | undefined> {
  const text = await readBounded(context);
  if (text === undefined) return cannotJudge('it is too large');
  const use = readToolUse(text);
  if (typeof use === 'string') return cannotJudge(use);
  const name = use.event === 'PreToolUse' ? ownNameOf(use.tool, server) : undefined;
  if (name === undefined) return undefined;
  if (unknown.length > 0) {
    const why = `the hook is registered with ${unknown.join(' ')}; write mcp-marshal hook claude-code`;
    tell(context, [why]);
    return cannotJudge(why);
  }
  const config = await openConfig(context);
  const answer = judgeToolUse(use, { name, config, kept: openKeptCatalog(config) });
  if (answer.decision !== 'allow') return answer;
  if (!isOfOurServer(use.tool, server))
    return distrust(answer, 'it may be of another server; register the hook with --server NAME');
  return isNamed(config, context) ? answer : distrust(answer, unnamed);
}

/**
 * A folder that somebody else has made may hold a configuration that allows everything, and the proxy that runs has another one. What
 * lies where the client was started denies and asks, but keeps nobody from being asked.
 */
function isNamed({ file }: Config, { configFile, io }: CliContext): boolean {
  return configFile !== undefined || Boolean(io.env['MCP_MARSHAL_CONFIG']) || dirname(file) !== resolve(io.cwd);
}

const unnamed = 'allowed by the marshal.yaml of this folder, which the hook does not name; register it with --config';

function distrust({ reason }: HookAnswer, why: string): HookAnswer {
  return { decision: 'ask', reason: `${why}\n${reason}` };
}

function cannotJudge(why: string): HookAnswer {
  return { decision: 'ask', reason: `mcp-marshal could not judge this call: ${why}` };
}

async function readBounded({ io }: CliContext): Promise<string | undefined> {
  if (io.stdin.isTTY === true) throw new Error('stdin is a terminal, and Claude Code writes the call to it');
  const chunks: Buffer[] = [];
  let bytes = 0;
  const input: AsyncIterable<Uint8Array | string> = io.stdin;
  for await (const chunk of input) {
    const buffer = Buffer.from(chunk);
    bytes += buffer.length;
    if (bytes > maxInputBytes) return undefined;
    chunks.push(buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The first mistake of a configuration is enough here: `check` names them all. */
function describe(error: unknown): string {
  if (error instanceof ConfigError) {
    const [first] = error.problems;
    return `the configuration cannot be used: ${first === undefined ? '' : renderProblem(first)}; see mcp-marshal check`;
  }
  return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
}
