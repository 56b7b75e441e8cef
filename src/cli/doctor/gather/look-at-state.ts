import { access, constants, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { connectLine } from '../../../approvals/line/connect-line.ts';
import { listAddresses, queuePlaceOf } from '../../../approvals/line/queue-place.ts';
import type { Config } from '../../../config/config.ts';
import type { CliParts } from '../../context.ts';
import { probeStateDir } from '../../probe-state-dir.ts';
import { within } from './system/within.ts';

/** The state folder as it is. */
export interface StateFacts {
  stateDir: string;
  exists: boolean;
  /** Why it cannot be written. */
  flaw?: string;
  /** Permissions that others have; absent where there are none, and on Windows. */
  othersMode?: number;
  /** Whether it is another user's. */
  isForeign?: boolean;
  /** Of its drive. */
  freeBytes?: number;
  /** Of the journals in it, one line each. */
  journalProblems: readonly string[];
  /** The one file that the configuration names for the journal. */
  journalFile?: string;
  /** Process ids of proxies that run with this folder now. */
  proxies: readonly number[];
}

const limitMs = 2_000;
/** Each client starts one; more run on no machine of a person. */
const maxProxies = 100;

/** Looks at the state folder, at its journals, and for proxies that run with it. Never rejects; takes two seconds at most. */
export async function lookAtState(
  { stateDir, journal }: Pick<Config, 'stateDir'> & { journal: Pick<Config['journal'], 'enabled' | 'file'> },
  {
    parts,
    writes,
  }: {
    parts: Pick<CliParts, 'readJournals'>;
    /** Whether a file may be written to see whether one can be. */ writes: boolean;
  },
): Promise<StateFacts> {
  const probing = writes ? probeStateDir(stateDir).then((problem) => problem?.message) : lookAbove(stateDir);
  const [flaw, free, proxies] = await Promise.all([
    within(probing, { limitMs, late: undefined }),
    within(freeBytesOf(stateDir), { limitMs, late: undefined }),
    within(findProxies(stateDir), { limitMs, late: [] }),
  ]);
  const found = await within(stat(stateDir), { limitMs, late: undefined });
  const others = process.platform === 'win32' ? 0 : (found?.mode ?? 0) & 0o077;
  const own = process.getuid?.();
  return {
    stateDir,
    exists: found !== undefined,
    ...(flaw !== undefined && { flaw }),
    ...(others !== 0 && { othersMode: others }),
    ...(found !== undefined && own !== undefined && found.uid !== own && { isForeign: true }),
    ...(free !== undefined && { freeBytes: free }),
    ...(journal.file !== undefined && { journalFile: journal.file }),
    journalProblems: journal.enabled && found !== undefined ? journalProblemsOf({ stateDir, journal, parts }) : [],
    proxies,
  };
}

/** Why a folder that is not there could not be made, as far as what is above it tells. */
async function lookAbove(folder: string): Promise<string | undefined> {
  for (let at = folder; ; at = dirname(at)) {
    try {
      if (!(await stat(at)).isDirectory()) throw Object.assign(new Error(), { code: 'ENOTDIR' });
      await access(at, constants.W_OK);
      return undefined;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      if (code === 'ENOENT' && dirname(at) !== at) continue;
      return `stateDir ${folder} cannot be written (${code})`;
    }
  }
}

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder).catch(() => statfs(dirname(folder)));
  return bavail * bsize;
}

async function findProxies(stateDir: string): Promise<number[]> {
  const addresses = (await listAddresses(queuePlaceOf(stateDir))).slice(0, maxProxies);
  const pids = addresses.map(async (address) => {
    const caller = await connectLine(address);
    caller?.close();
    const [, pid] = /approvals-(\d+)/.exec(address) ?? [];
    return caller === undefined || pid === undefined ? [] : [Number(pid)];
  });
  return (await Promise.all(pids)).flat();
}

function journalProblemsOf({
  stateDir,
  journal,
  parts,
}: {
  stateDir: string;
  journal: Pick<Config['journal'], 'enabled' | 'file'>;
  parts: Pick<CliParts, 'readJournals'>;
}): string[] {
  const { file } = journal;
  const reader = parts.readJournals({ stateDir, ...(file !== undefined && { file }) });
  // What is broken shows where it is read.
  reader.batches({ limit: 1 });
  reader.calls({ limit: 1 });
  const problems = [...reader.problems()];
  reader.close();
  return problems;
}
