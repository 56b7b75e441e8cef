import type { Policy } from './policy.ts';

/** What a policy takes from its server where it says nothing itself. */
export interface PolicyContext {
  /** The key of the server in the configuration. */
  server: string;
  /** Working directory of a server that is started, `/` for a remote one. */
  base: string;
}

/** The policy of a server that has none: hints are trusted, anything unknown is a write. */
export function policyOfServer({ server, base }: PolicyContext): Policy {
  return {
    annotations: 'trust',
    unannotated: 'write',
    retryTimeouts: false,
    rules: [],
    tools: [],
    limits: {},
    remember: 'none',
    unruled: { batch: 'ask', passthrough: 'allow' },
    domain: server,
    base,
    // These systems' file systems hold `A.txt` and `a.txt` to be one file, as a rule.
    foldCase: process.platform === 'darwin' || process.platform === 'win32',
  };
}
