// What a server really did, for whoever checks it afterwards: lines { at: ms since 1970, event, pid, … }.
//   up, term, grandchild      the process
//   initialize, discover, list, ping, listen, forgotten   requests beside calls
//   start                     a call was taken up: { tool, nonce, key, attempt? }
//   effect                    it had its effect, if it is a write
//   end, cancelled            it was answered, or given up because the client said so
//   did                       a fault was committed: { what }
import { appendFileSync } from 'node:fs';

export function createLog({ log, mark }) {
  return (event, fields = {}) => {
    if (log === undefined) return;
    // One write of one line at the file's end: whole even where the process is killed in the middle of what it does.
    appendFileSync(log, `${JSON.stringify({ at: Date.now(), event, pid: process.pid, mark, ...fields })}\n`);
  };
}
