import { readFileSync } from 'node:fs';
import { packageFile } from '../../../lib/package-file.ts';
import type { ProgramFacts } from '../judge/judge-node.ts';

/** The program that runs now, and the Node that runs it. */
export function readProgram(): ProgramFacts {
  const { version, engines }: { version: string; engines: { node: string } } = JSON.parse(
    readFileSync(packageFile('package.json'), 'utf8'),
  );
  return { version, engines: engines.node, folder: packageFile('.'), node: process.versions.node };
}
