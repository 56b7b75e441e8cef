import { execFileSync } from 'node:child_process';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCli } from '../../../src/cli/run-cli.ts';
import { ConfigError } from '../../../src/config/config-error.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import { readFileOrPipe } from '../../../src/config/source/read-bytes.ts';
import { renderProblem } from '../../../src/core/place.ts';
import { fakeIo } from '../../cli/fake-io.ts';
import { stubParts } from '../../cli/stub-proxy.ts';
import { inFolder, server } from '../load-from.ts';

const config = server('command: npx');

function makePipe(folder: string, name: string): string {
  const path = join(folder, name);
  execFileSync('mkfifo', [path]);
  return path;
}

/** Problems of a configuration in whose folder a pipe is, to which nobody ever writes. */
function problemsWithPipe(text: string, pipe: string): Promise<string[]> {
  return inFolder({ 'marshal.yaml': text }, async (folder) => {
    makePipe(folder, pipe);
    const error: unknown = await loadConfig({ cwd: folder, env: { HOME: folder } }).catch((thrown: unknown) => thrown);
    return error instanceof ConfigError ? error.problems.map(renderProblem) : [];
  });
}

describe('a pipe to which nobody writes, in the place of a file,', () => {
  const mend = 'is a pipe, a device or a socket; name a regular file';

  test('is refused as the lock file, and never waited for', async () => {
    expect(await problemsWithPipe(config, 'marshal.lock')).toEqual([`the lock file marshal.lock ${mend}`]);
  });

  test('is refused as a policy and as envFile', async () => {
    const ofPolicy = await problemsWithPipe(`${config}    policy: my.yaml\n`, 'my.yaml');
    expect(ofPolicy).toEqual([expect.stringContaining(mend)]);
    const ofEnv = await problemsWithPipe(`${config}envFile: my.env\n`, 'my.env');
    expect(ofEnv).toEqual([expect.stringContaining(mend)]);
  });

  test('is given up as the configuration after a while', async () => {
    await inFolder({}, async (folder) => {
      const pipe = makePipe(folder, 'slow.yaml');
      const reading = readFileOrPipe(pipe, 100, { idleMs: 50, wholeMs: 500 });
      await expect(reading).rejects.toMatchObject({ code: 'ETIMEDOUT' });
    });
  });

  test('does not keep a command from being stopped by a signal', async () => {
    await inFolder({}, async (folder) => {
      const pipe = makePipe(folder, 'slow.yaml');
      const { io, signal, err } = fakeIo({ cwd: folder });
      const ended = runCli(['check', '--config', pipe], io, { ...stubParts({}).parts, loadConfig });
      setTimeout(() => signal('SIGINT'), 50);
      expect(await ended).toBe(130);
      expect(err()).not.toContain('is a pipe');
    });
  });
});

test('a device is refused as a policy', async () => {
  await inFolder({ 'marshal.yaml': `${config}    policy: /dev/zero\n` }, async (folder) => {
    const loading = loadConfig({ cwd: folder, env: { HOME: folder } });
    await expect(loading).rejects.toMatchObject({
      problems: [{ message: expect.stringContaining('name a regular file') }],
    });
  });
});

describe('a pipe that a command writes to', () => {
  test('can be the configuration, however slowly it comes', async () => {
    await inFolder({}, async (folder) => {
      const file = makePipe(folder, 'marshal.yaml');
      const loading = loadConfig({ cwd: folder, file, env: { HOME: folder } });
      const writer = await open(file, 'w');
      for (const line of config.split(/(?<=\n)/)) await writer.write(line);
      await writer.close();
      expect((await loading).servers.map(({ name }) => name)).toEqual(['one']);
    });
  });

  test('can hold a secret that the configuration names', async () => {
    await inFolder({}, async (folder) => {
      const pipe = makePipe(folder, 'secret');
      const text = server('command: npx', `env: { KEY: "\${file:${pipe}}" }`);
      await writeFile(join(folder, 'marshal.yaml'), text);
      const loading = loadConfig({ cwd: folder, env: { HOME: folder } });
      await writeFile(pipe, 'hidden\n');
      expect((await loading).servers[0]?.transport).toMatchObject({ env: { KEY: 'hidden' } });
    });
  });

  test('and that does not come to an end is given up', async () => {
    await inFolder({}, async (folder) => {
      const pipe = makePipe(folder, 'endless');
      const reading = readFileOrPipe(pipe, 1_000_000, { idleMs: 1_000, wholeMs: 200 });
      const writer = await open(pipe, 'w');
      const trickle = setInterval(() => void writer.write('x').catch(() => {}), 10);
      await expect(reading).rejects.toMatchObject({ code: 'ETIMEDOUT' });
      clearInterval(trickle);
      await writer.close();
    });
  });
});
