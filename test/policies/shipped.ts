import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { Tool } from '../../src/core/tool.ts';
import type { Policy } from '../../src/config/policy.ts';
import { readShippedPolicy } from '../policy/read-shipped-policy.ts';

/** What `record-tools.mjs` has written of one server. */
export interface Recording {
  package: string;
  version: string;
  date: string;
  tools: Tool[];
}

export interface Shipped {
  name: string;
  policy: Policy;
  /** Absent where the server could not be started: its policy is from its documentation. */
  recording?: Recording;
}

const recordings = new URL('../fixtures/tools/', import.meta.url);
const policies = new URL('../../config/policies/', import.meta.url);

export const shippedNames = readdirSync(policies).map((file) => file.replace(/\.yaml$/, ''));

/** Every policy that ships with the package, with the recording of its server. */
export async function readShipped(): Promise<Shipped[]> {
  return Promise.all(
    shippedNames.map(async (name) => {
      const recording = readRecording(name);
      return { name, policy: await readShippedPolicy(name), ...(recording !== undefined && { recording }) };
    }),
  );
}

/** Every recording of a server's own list, with or without a policy. */
export function readRecordings(): Recording[] {
  const names = readdirSync(recordings).map((file) => file.replace(/\.json$/, ''));
  return names.flatMap((name) => readRecording(name) ?? []);
}

/** The facts about the GitHub server were gathered by hand and have another form; test/policy/github-policy.test.ts is about them. */
function readRecording(name: string): Recording | undefined {
  const file = new URL(`${name}.json`, recordings);
  if (name === 'github' || !existsSync(file)) return undefined;
  const recording: Recording = JSON.parse(readFileSync(file, 'utf8'));
  return recording;
}
