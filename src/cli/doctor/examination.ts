import type { SeenClient } from './examine-clients.ts';
import type { Area, Finding, Level } from './finding.ts';
import type { ProgramFacts } from './judge/judge-node.ts';
import type { ServerReport } from './server-report.ts';

/** One thing that was looked at, whether or not something was found. */
export interface Check {
  name: Area;
  /** `skipped`: it could not be looked at, since something before it is wrong, or it is not configured. */
  state: 'ok' | 'skipped' | Level;
  /** What was seen, for people. */
  says: string;
}

/** All that the doctor has to say. Holds nothing secret. */
export interface Examination {
  program: ProgramFacts;
  /** The file; absent where none could be read. */
  configuration?: string;
  checks: readonly Check[];
  servers: readonly ServerReport[];
  clients: readonly SeenClient[];
  /** The worst first. */
  findings: readonly Finding[];
}
