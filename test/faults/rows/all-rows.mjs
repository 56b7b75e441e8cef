// Every row of the table, in its order: F01 to F27 of the faults, then the bars of their own.
import { neverAnswers } from './calls/never-answers.mjs';
import { oneSlow } from './calls/one-slow.mjs';
import { lateAnswer } from './calls/late-answer.mjs';
import { outlivedWrite } from './calls/outlived-write.mjs';
import { connectLimit, hangsConnecting } from './process/hangs-connecting.mjs';
import { diesInACall } from './process/dies-in-a-call.mjs';
import { wrapperExits } from './process/wrapper-exits.mjs';
import { crashLoop } from './process/crash-loop.mjs';
import { cannotStart } from './process/cannot-start.mjs';
import { readsNoStdin } from './process/reads-no-stdin.mjs';
import { stopped } from './process/stopped.mjs';
import { noise } from './wire/noise.mjs';
import { malformed } from './wire/malformed.mjs';
import { tooLarge } from './wire/too-large.mjs';
import { hostileSchemas } from './wire/hostile-schemas.mjs';
import { besideStorms, storms } from './wire/storms.mjs';
import { brokenAnswers } from './http/broken-answers.mjs';
import { unreachable } from './http/unreachable.mjs';
import { busy } from './http/busy.mjs';
import { lostSession } from './http/lost-session.mjs';
import { cancels } from './client/cancels.mjs';
import { goesAway } from './client/goes-away.mjs';
import { terminated } from './client/terminated.mjs';
import { killed } from './client/killed.mjs';
import { killedWithWrappers } from './client/killed-with-wrappers.mjs';
import { journalTrouble } from './state/journal-trouble.mjs';
import { clock } from './state/clock.mjs';
import { reloads } from './state/reloads.mjs';
import { bombsAsConfiguration } from './state/bombs.mjs';
import { descriptors, overload } from './load/overload.mjs';
import { manyClients } from './load/many-clients.mjs';
import { healthyBesideBad } from './load/healthy-beside-bad.mjs';

/**
 * A row: `id`, `title`, what is `expected`, the `ways` it runs, `run(stage)`, which resolves with the measured figures in words or throws
 * a Fault. `isPatient`: it mostly waits, and runs beside the others; `isLoud`: it loads the machine, or measures
 * what a loaded one spoils. `limitMs` and `longLimitMs` where it takes longer than others.
 */
export const rows = [
  neverAnswers,
  oneSlow,
  hangsConnecting,
  connectLimit,
  diesInACall,
  wrapperExits,
  crashLoop,
  cannotStart,
  noise,
  malformed,
  lateAnswer,
  tooLarge,
  hostileSchemas,
  storms,
  besideStorms,
  readsNoStdin,
  stopped,
  unreachable,
  brokenAnswers,
  busy,
  lostSession,
  cancels,
  goesAway,
  terminated,
  killed,
  journalTrouble,
  clock,
  reloads,
  descriptors,
  overload,
  manyClients,
  outlivedWrite,
  killedWithWrappers,
  healthyBesideBad,
  bombsAsConfiguration,
];
