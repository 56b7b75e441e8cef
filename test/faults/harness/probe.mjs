// Loaded into the program under test with --import. On SIGUSR2 it obeys the JSON in the file that FAULT_PROBE names ({ seq, do, … }) and
// writes its answer beside it (…-answer): what the program itself does not tell.
//   report   { loopMaxMs since the last report, resources by kind, heapUsed after a collection where there is one, unhandled }
//   jump     Date is off by so many `ms` from now on
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const file = process.env.FAULT_PROBE;
const resolutionMs = 5;
const delay = monitorEventLoopDelay({ resolution: resolutionMs });
delay.enable();
let unhandled = 0;
process.on('unhandledRejection', () => (unhandled += 1));
let offsetMs = 0;
const RealDate = Date;

const deeds = {
  report() {
    globalThis.gc?.();
    // What the histogram holds is the time between two looks.
    const loopMaxMs = Math.max(0, delay.max / 1e6 - resolutionMs);
    delay.reset();
    const resources = {};
    for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1;
    return { loopMaxMs, resources, heapUsed: process.memoryUsage().heapUsed, unhandled };
  },
  jump({ ms }) {
    offsetMs += ms;
    globalThis.Date = class extends RealDate {
      constructor(...args) {
        super(...(args.length === 0 ? [RealDate.now() + offsetMs] : args));
      }
      static now() {
        return RealDate.now() + offsetMs;
      }
    };
    return {};
  },
};

if (file !== undefined) {
  process.on('SIGUSR2', () => {
    const order = JSON.parse(readFileSync(file, 'utf8'));
    const answer = { seq: order.seq, ...deeds[order.do](order) };
    writeFileSync(`${file}-new`, JSON.stringify(answer));
    renameSync(`${file}-new`, `${file}-answer`);
  });
}
