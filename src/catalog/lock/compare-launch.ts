import type { Launch } from '../../config/config.ts';
import { acceptedLaunch } from './accepted-launch.ts';

/** What of how a server is started or reached is not as it was accepted, each in words that follow `its`; none where it is the same. */
export function compareLaunch(locked: Launch, written: Launch): string[] {
  const launch = acceptedLaunch(written);
  if ('command' in locked !== 'command' in launch) return ['kind (a program or an address)'];
  const differing = aspects.filter(([, valueOf]) => !isEqual(valueOf(locked), valueOf(launch)));
  return differing.map(([name]) => name);
}

const aspects: readonly (readonly [string, (launch: Launch) => unknown])[] = [
  ['command', (launch) => 'command' in launch && launch.command],
  ['arguments', (launch) => 'command' in launch && launch.args],
  ['environment variables', (launch) => 'command' in launch && launch.env.toSorted()],
  ['working directory', (launch) => 'command' in launch && (launch.cwd ?? null)],
  ['transport', (launch) => 'url' in launch && launch.type],
  ['url', (launch) => 'url' in launch && launch.url],
  ['headers', (launch) => 'url' in launch && launch.headers.toSorted()],
];

function isEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
