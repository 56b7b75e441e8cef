// What the journal tells, asked as a user asks it: with the program's own commands.
import { check } from './check.mjs';

/** Every call in the journals of the stage's state folder, oldest first. */
export async function readCalls(stage, config, filters = []) {
  const { code, stdout, stderr } = await stage.run(['log', '--json', '-n', '100000', '--config', config, ...filters], {
    limitMs: 60_000,
  });
  check(code === 0, `log ends with ${code}: ${(stderr || stdout).slice(0, 300)}`);
  return JSON.parse(stdout).data;
}

/** One batch as `report` has it. */
export async function readBatch(stage, config, batchId) {
  const { code, stdout, stderr } = await stage.run(['report', batchId, '--json', '--config', config]);
  check(code === 0 || code === 5, `report ends with ${code}: ${(stderr || stdout).slice(0, 300)}`);
  return JSON.parse(stdout).data;
}
