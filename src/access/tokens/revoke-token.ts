import { editTokenFile } from './edit-token-file.ts';

/** Takes a token back; `isKnown` false where there was none of that name. Rejects where the folder cannot be written. */
export async function revokeToken(
  stateDir: string,
  name: string,
): Promise<{ ok: true } | { ok: false; isKnown: boolean; problem: string; names: readonly string[] }> {
  let names: string[] = [];
  let isKnown = true;
  const edited = await editTokenFile(stateDir, (tokens) => {
    names = tokens.map((token) => token.name);
    isKnown = names.includes(name);
    if (!isKnown) return { ok: false, problem: `there is no token ${JSON.stringify(name)}` };
    return { ok: true, tokens: tokens.filter((token) => token.name !== name) };
  });
  return edited.ok ? { ok: true } : { ...edited, isKnown, names };
}
