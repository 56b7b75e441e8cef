import { fileURLToPath } from 'node:url';
import { check, checkEqual, checkWithin, seconds, until } from '../../harness/check.mjs';
import { descendantsOf, isRunning } from '../../harness/processes.mjs';

const folder = fileURLToPath(new URL('../../../..', import.meta.url));

export const killedWithWrappers = {
  id: 'B2',
  title: 'SIGKILL of the proxy with `npx`-wrapped servers',
  expected:
    '2 s later no process that it started is alive: wrappers, one that ignores end of input and SIGTERM, one with a detached grandchild',
  ways: [{ name: 'stdio', transport: 'stdio', era: 'legacy' }],
  limitMs: 60_000,
  async run(stage) {
    const stubborn = await stage.upstream('stubborn', { stubborn: true });
    const parent = await stage.upstream('parent', { grandchild: true });
    const env = { FAULT_MARK: stage.mark, MEMORY_FILE_PATH: `${stage.path}/memory.jsonl` };
    // From packages that are there already.
    const npx = (args) => ({ command: 'npx', args: ['--offline', '--no-install', ...args], cwd: folder, env });
    const script = `exec 3<&0; "$0" "$@" <&3 & wait`;
    const servers = {
      memory: npx(['-y', '@modelcontextprotocol/server-memory']),
      files: npx(['-y', '@modelcontextprotocol/server-filesystem', stage.path]),
      wrapped: { command: '/bin/sh', args: ['-c', script, process.execPath, ...stubborn.args], env },
      parent: { ...parent.entry, env },
    };
    const proxy = await stage.start({ ...servers });
    const needed = ['memory__read_graph', 'files__list_directory', 'wrapped__read', 'parent__read'];
    await until(
      async () => {
        const { names } = await proxy.listTools();
        return needed.every((name) => names.includes(name));
      },
      { withinMs: 30_000, everyMs: 200, what: 'the servers do not start' },
    );
    checkEqual((await proxy.call('memory__read_graph')).isError, false, 'a call of a server under npx');
    await until(() => parent.log().some(({ event }) => event === 'grandchild'), {
      withinMs: 3_000,
      what: 'no grandchild',
    });
    const pids = new Set([...stage.living(), ...descendantsOf(proxy.pid)]);
    check(pids.size >= 8, `only ${pids.size} processes`);
    proxy.signal('SIGKILL');
    const killedMs = performance.now();
    const left = () => [...new Set([...stage.living(), ...descendantsOf(proxy.pid)])];
    await until(() => left().length === 0 && ![...pids].some(isRunning), {
      withinMs: 2_000,
      what: () => `${[...pids].filter(isRunning).length} of ${pids.size} processes still run`,
    });
    const goneMs = performance.now() - killedMs;
    checkWithin(goneMs, { atMost: 2_000 }, 'ms until the last was gone');
    return `${pids.size} processes gone after ${seconds(goneMs)}`;
  },
};
