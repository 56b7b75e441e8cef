#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';
import { oldNodeMessage } from './lib/old-node.ts';

/**
 * How much V8's room for new objects grows at a time; 2 is its own choice. Loading a program fills that room over and over with what
 * lives on, so it grows to its limit and stays there: 25 MB that an idle proxy would hold for as long as its client runs. So it may
 * grow only once the program is loaded and its first client has been answered; then it grows with the work, as everywhere.
 */
const grow = (factor: number): void => setFlagsFromString(`--semi-space-growth-factor=${factor}`);
const loadingMs = 2_000;

const tooOld = oldNodeMessage(process.versions.node, process.execPath);
if (tooOld === undefined) {
  grow(1);
  setTimeout(grow, loadingMs, 2).unref();
  await import('./program.ts');
} else {
  process.stderr.write(`${tooOld}\n`);
  process.exitCode = 2;
}
