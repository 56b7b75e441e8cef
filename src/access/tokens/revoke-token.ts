import { editTokenFile } from './edit-token-file.ts';
import { maxTokens } from './token-record.ts';

/** Takes a token back, and remembers its name for a while; `isKnown` false where there was none of that name. Rejects where the folder cannot be written. */
export async function revokeToken(
  stateDir: string,
  { name, nowMs }: { name: string; nowMs: number },
): Promise<{ ok: true } | { ok: false; isKnown: boolean; problem: string; names: readonly string[] }> {
  let names: string[] = [];
  let isKnown = true;
  const edited = await editTokenFile(stateDir, ({ tokens, revoked }) => {
    names = tokens.map((token) => token.name);
    isKnown = names.includes(name);
    if (!isKnown) return { ok: false, problem: `there is no token ${JSON.stringify(name)}` };
    const others = revoked.filter((other) => other.name !== name);
    return {
      ok: true,
      tokens: tokens.filter((token) => token.name !== name),
      // No more names than there can be tokens: those that were taken back first are forgotten first.
      revoked: [...others, { name, revokedMs: nowMs }].slice(-maxTokens),
    };
  });
  return edited.ok ? { ok: true } : { ...edited, isKnown, names };
}
