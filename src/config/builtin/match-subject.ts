import type { LaunchedProgram } from './launched-program.ts';
import { containerImage, pypiPackage } from './package-names.ts';

/** What a shipped policy is for, as its `for` has it. */
export interface Subject {
  /** The policy's name: `github` for `builtin:github`. */
  policy: string;
  npm: readonly string[];
  pypi: readonly string[];
  image: readonly string[];
  url: readonly string[];
}

/** The policy for a program. Of several addresses that a URL begins with, the longest one decides. */
export function matchSubject(program: LaunchedProgram, subjects: readonly Subject[]): string | undefined {
  const { from, name } = program;
  if (from !== 'url')
    return subjects.find((subject) => subject[from].some((own) => normal(from, own) === name))?.policy;
  let best: { policy: string; length: number } | undefined;
  for (const { policy, url } of subjects) {
    for (const own of url) {
      if (beginsWith(name, own) && own.length > (best?.length ?? 0)) best = { policy, length: own.length };
    }
  }
  return best?.policy;
}

function normal(from: 'npm' | 'pypi' | 'image', name: string): string | undefined {
  if (from === 'pypi') return pypiPackage(name);
  return from === 'image' ? containerImage(name) : name.toLowerCase();
}

/** By scheme, host and whole segments of the path: `https://a.example/mcp` is no beginning of `https://a.example/mcp-old`. */
function beginsWith(url: string, beginning: string): boolean {
  if (!URL.canParse(url) || !URL.canParse(beginning)) return false;
  const whole = new URL(url);
  const part = new URL(beginning);
  const path = part.pathname.replace(/\/$/, '');
  return whole.origin === part.origin && (whole.pathname === path || whole.pathname.startsWith(`${path}/`));
}
