import { addressMarks } from '../../../catalog/is-address.ts';
import type { AbortLike } from '../../../core/abort.ts';
import { refusal, rpcCode, type RpcError } from '../../../core/protocol/rpc.ts';
import type { Engine } from '../../engine.ts';
import { memoryOf } from '../client-memory.ts';
import { listKinds } from '../lists/list-kind.ts';
import { readLists } from '../lists/read-lists.ts';
import { offeringServers } from '../asking/offering-servers.ts';
import { learnPrompts, type KnownPrompt } from './learn-prompts.ts';

/**
 * The prompt that a client means by a name: one of the list; else, as with tools, `server__prompt`, `server/prompt` and the like, or
 * the bare name where one server alone has it. The servers are asked for their lists only where the name does not say enough.
 */
export async function resolvePrompt(
  engine: Engine,
  { name, signal }: { name: string; signal: AbortLike },
): Promise<({ ok: true } & KnownPrompt) | { ok: false; error: RpcError }> {
  const memory = memoryOf(engine);
  const known = memory.prompts?.get(name);
  if (known !== undefined) return { ok: true, ...known };
  const address = parseAddress(engine, name);
  const servers = offeringServers(engine, listKinds.prompts.capability).map(({ server }) => server);
  const [only] = servers;
  const plain = address ?? (only !== undefined && servers.length === 1 ? { server: only, name } : undefined);
  if (plain !== undefined && !endsInHash.test(name)) return { ok: true, ...plain };
  // Names are made of the whole list: who has been cut, and who shares a name, is seen there alone.
  const lists = await readLists(engine, { kind: listKinds.prompts, params: {}, context: { signal } });
  const named = learnPrompts(engine, lists);
  const listed = memory.prompts?.get(name) ?? plain;
  if (listed !== undefined) return { ok: true, ...listed };
  const [bare, ...others] = named.filter((prompt) => prompt.name === name);
  if (bare !== undefined && others.length === 0) return { ok: true, server: bare.server, name };
  const hint =
    bare === undefined
      ? 'see prompts/list'
      : `it may be ${[bare, ...others].map(({ exposedName }) => exposedName).join(' or ')}`;
  return refusal(rpcCode.invalidParams, `Unknown prompt: ${name}; ${hint}`);
}

/** As cut or mended names do; others may, too. */
const endsInHash = /_[0-9a-f]{8}$/;

/** No server's name ends in what stands between it and the prompt, so at most one is meant by a mark; of several the longest. */
function parseAddress(engine: Engine, name: string): KnownPrompt | undefined {
  const starts = [...engine.setup().servers.keys()].flatMap((server) =>
    addressMarks.map((mark) => ({ server, start: server + mark })),
  );
  const [meant] = starts
    .filter(({ start }) => name.startsWith(start) && name.length > start.length)
    .toSorted((a, b) => b.start.length - a.start.length);
  return meant && { server: meant.server, name: name.slice(meant.start.length) };
}
