import { createToken } from '../../access/tokens/create-token.ts';
import { revokeToken } from '../../access/tokens/revoke-token.ts';
import { readTokenFile } from '../../access/tokens/token-file.ts';
import { tokenFileIn, type TokenRecord } from '../../access/tokens/token-record.ts';
import { suggest } from '../../config/schema/suggest.ts';
import type { ToolClass } from '../../core/tool.ts';
import type { CliContext } from '../context.ts';
import { CliFailure, exitCodes } from '../failure.ts';
import type { Lifetime } from '../grammar/parse-lifetime.ts';
import { findJournal } from '../journal/find-journal.ts';
import { print, printJson, tell } from '../output.ts';
import { renderTable } from '../render/table.ts';
import { describeScreen } from '../terminal/screen.ts';

/** Where the tokens lie: as `--state-dir` or the configuration says. */
interface Place {
  stateDir: string | undefined;
}

/** Makes a token and prints it: that alone on stdout, and what there is to say of it on stderr. */
export async function createNamedToken(
  context: CliContext,
  {
    name,
    scopes,
    lifetime,
    isReuse,
    stateDir,
  }: Place & { name: string; scopes: readonly ToolClass[]; lifetime: Lifetime; isReuse: boolean },
): Promise<number> {
  const folder = await findStateDir(context, stateDir);
  const createdMs = Date.now();
  const { ms } = lifetime;
  const created = await editing(folder, () =>
    createToken(folder, { name, scopes, createdMs, isReuse, ...(ms !== undefined && { expiresMs: createdMs + ms }) }),
  );
  if (!created.ok) throw refuse(created.problem, 'see mcp-marshal token list');
  const { token, record } = created;
  if (context.json) printJson(context, { ...toShown(record), token });
  else print(context, [token]);
  const end = record.expiresMs === undefined ? 'for ever' : `until ${endOf(record.expiresMs, createdMs)}`;
  tell(context, [
    `token ${name}: ${scopes.join(', ')}, ${end}; this is the only time that it is shown (${tokenFileIn(folder)} keeps its hash)`,
    ...(ms === undefined ? ['warning: it never runs out; whoever finds it can use it until it is revoked'] : []),
  ]);
  return exitCodes.ok;
}

/** Prints the tokens, without the tokens. */
export async function listTokens(context: CliContext, { stateDir }: Place): Promise<number> {
  const folder = await findStateDir(context, stateDir);
  const file = await readTokenFile(tokenFileIn(folder));
  if (!file.ok) throw refuse(file.problem, '');
  const shown = file.tokens.map(toShown);
  if (context.json) printJson(context, shown);
  else {
    const rows = file.tokens.map((token) =>
      [token.name, token.scopes.join(','), describeEnd(token), `created ${dayOf(token.createdMs)}`].map((text) => ({
        text,
      })),
    );
    const { width } = describeScreen(context.io, 'stdout');
    print(context, renderTable(rows, { width, mark: '…' }));
  }
  if (shown.length === 0) tell(context, [`there is no token in ${folder}; mcp-marshal token create NAME makes one`]);
  return exitCodes.ok;
}

/** Takes a token back. */
export async function revokeNamedToken(
  context: CliContext,
  { name, stateDir }: Place & { name: string },
): Promise<number> {
  const folder = await findStateDir(context, stateDir);
  const revoked = await editing(folder, () => revokeToken(folder, { name, nowMs: Date.now() }));
  if (!revoked.ok) {
    const near = suggest(name, revoked.names);
    const mend = near === undefined ? '' : `did you mean ${near}? `;
    throw refuse(revoked.problem, `${mend}see mcp-marshal token list`);
  }
  if (context.json) printJson(context, { name, revoked: true });
  else tell(context, [`token ${name} counts no more`]);
  return exitCodes.ok;
}

/** From the configuration no more than that is needed: it may be broken, or name variables that only its proxy has. */
async function findStateDir({ io, configFile }: CliContext, stateDir: string | undefined): Promise<string> {
  return (await findJournal({ configFile, stateDir, env: io.env, cwd: io.cwd })).stateDir;
}

async function editing<T>(folder: string, edit: () => Promise<T>): Promise<T> {
  try {
    return await edit();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw refuse(`${tokenFileIn(folder)} cannot be written (${code})`, 'set stateDir, or write --state-dir');
  }
}

function refuse(message: string, fix: string): CliFailure {
  return new CliFailure(message, { exitCode: exitCodes.usage, code: 'token', fix });
}

function toShown({ name, scopes, createdMs, expiresMs }: TokenRecord): object {
  return {
    name,
    scopes,
    created: new Date(createdMs).toISOString(),
    expires: expiresMs === undefined ? null : new Date(expiresMs).toISOString(),
  };
}

function describeEnd({ expiresMs }: TokenRecord): string {
  if (expiresMs === undefined) return 'never expires';
  const nowMs = Date.now();
  return `${expiresMs <= nowMs ? 'EXPIRED' : 'expires'} ${endOf(expiresMs, nowMs)}`;
}

/** Of an end that is near, or just was, the day alone would not tell whether it still counts. */
function endOf(ms: number, nowMs: number): string {
  if (Math.abs(ms - nowMs) >= 2 * 24 * 3_600_000) return dayOf(ms);
  return `${dayOf(ms)} ${new Date(ms).toISOString().slice(11, 16)} UTC`;
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
