import { quoteWord } from '../../terminal/quote-word.ts';
import type { StateFacts } from '../gather/look-at-state.ts';
import type { Finding } from '../finding.ts';

/** Journals and lists of a month fit in; below that a disk fills up any day. */
const leastFreeBytes = 100 * 1024 * 1024;
const megabyte = 1024 * 1024;

/** What is wrong with the state folder: what cannot be kept there, and who else could see it. */
export function judgeState(facts: StateFacts): Finding[] {
  const { stateDir, exists, flaw, othersMode, isForeign, freeBytes, journalProblems, journalFile, proxies } = facts;
  const about = 'state' as const;
  const found: Finding[] = [];
  if (isForeign === true) {
    const message = `the state folder ${stateDir} belongs to another user`;
    found.push({ level: 'problem', code: 'state-foreign', about, message, fix: mendOwner(stateDir) });
  } else if (flaw !== undefined) {
    const fix = [...mendOfFlaw(flaw, { stateDir, exists }), 'write stateDir: FOLDER with one that can be written'].join(
      ', or ',
    );
    const message = (flaw.split('; ')[0] ?? flaw).replace(/^stateDir/, 'the state folder');
    found.push({ level: 'problem', code: 'state-unwritable', about, message, fix });
  }
  if (othersMode !== undefined) {
    const message = `other users of this machine can look into the state folder ${stateDir}, where the journal and tokens are`;
    found.push({ level: 'warning', code: 'state-open', about, message, fix: `chmod 700 ${quoteWord(stateDir)}` });
  }
  if (freeBytes !== undefined && freeBytes < leastFreeBytes) {
    const message = `the drive of the state folder ${stateDir} has ${Math.floor(freeBytes / megabyte)} MiB left`;
    const fix = 'make room there, or write stateDir: FOLDER with one on another drive';
    found.push({ level: 'warning', code: 'state-full', about, message, fix });
  }
  for (const problem of journalProblems) {
    const fix = `move that file away; mcp-marshal serve begins a new one`;
    found.push({ level: 'warning', code: 'journal-damaged', about, message: `the journal: ${problem}`, fix });
  }
  const [holder] = proxies;
  if (journalFile !== undefined && holder !== undefined) {
    const message = `journal.file names one file for all, ${journalFile}, and a proxy runs that can hold it (process ${holder}): others keep no journal meanwhile`;
    const fix = 'take journal.file out, so that each proxy keeps a file of its own';
    found.push({ level: 'note', code: 'journal-held', about, message, fix });
  }
  return found;
}

function mendOwner(stateDir: string): string {
  return `sudo chown -R "$(id -un)" ${quoteWord(stateDir)}, or write stateDir: FOLDER with one of yours`;
}

/** Permissions help only where they are what is missing, and of a folder that is not there they are not. */
function mendOfFlaw(flaw: string, { stateDir, exists }: { stateDir: string; exists: boolean }): string[] {
  if (/ENOSPC|EDQUOT/.test(flaw)) return [`make room on the drive of ${stateDir}`];
  if (flaw.includes('EROFS')) return [`mount the drive of ${stateDir} so that it can be written`];
  return exists && /EACCES|EPERM/.test(flaw) ? [`chmod u+rwx ${quoteWord(stateDir)}`] : [];
}
