import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readMarkup } from '../cli/picture/read-markup.ts';
import { createWorkspace, program, referenceServers, writeConfig } from './support.ts';
import type { Workspace } from './support.ts';

const run = promisify(execFile);

let workspace: Workspace;
let env: Record<string, string>;
beforeAll(async () => {
  workspace = createWorkspace();
  const { files } = referenceServers(workspace);
  const config = writeConfig(workspace, { servers: { files } });
  const path = [join(workspace.path, 'bin'), dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter);
  env = { PATH: path, HOME: workspace.path, MCP_MARSHAL_CONFIG: config };
  const calls = [
    { tool: 'files__write_file', arguments: { path: join(workspace.path, 'files/a.txt'), content: 'a' } },
    { tool: 'files__read_text_file', arguments: { path: join(workspace.path, 'files/a.txt') } },
  ];
  workspace.write('calls.json', JSON.stringify(calls));
  await marshal('batch', 'calls.json', '--svg', 'batch.svg');
});
afterAll(() => workspace.close());

async function marshal(...args: string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [program, ...args], { cwd: workspace.path, env });
  return stdout;
}

const fileOf = (name: string): string => readFileSync(join(workspace.path, name), 'utf8');

test('a batch and its report draw the same picture, and the report is a page that stands alone', async () => {
  await marshal('report', '--svg', 'again.svg', '--html', 'report.html');
  expect(fileOf('again.svg')).toBe(fileOf('batch.svg'));
  const titles = readMarkup(fileOf('batch.svg')).filter(({ name }) => name === 'title');
  expect(titles.map(({ text }) => text)).toEqual([
    expect.stringMatching(/^2 calls in .* one by one\)$/),
    expect.stringMatching(/^c0 files__write_file: \w+, ok/),
    expect.stringMatching(/^c1 files__read_text_file: read, ok, waited/),
  ]);
  expect(fileOf('report.html')).toContain(fileOf('batch.svg').trim());
});

// bash alone: zsh and fish are not on every machine that runs the tests, and their scripts ask the same question.
test.runIf(process.platform !== 'win32')(
  'bash completes commands, arguments of tools, choices and files',
  async () => {
    mkdirSync(join(workspace.path, 'bin'), { recursive: true });
    const bin = workspace.write('bin/mcp-marshal', `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`);
    chmodSync(bin, 0o755);
    workspace.write('completion.bash', await marshal('completion', 'bash'));
    const lines = [
      'mcp-marshal rep',
      'mcp-marshal call files__read_text_file pa',
      'mcp-marshal import --from=claude-c',
      'mcp-marshal report --svg=batch.s',
    ];
    // What bash does at a tab: the line up to the cursor, the function of the command, its answer.
    const asked = lines.map(
      (line) =>
        `COMP_LINE='${line}' COMP_POINT=${line.length}; _mcp_marshal 2>/dev/null; printf '%s\\n' "\${COMPREPLY[*]}"`,
    );
    const script = ['source completion.bash', 'complete -p mcp-marshal', ...asked].join('\n');
    const { stdout } = await run('bash', ['--norc', '-c', script], { cwd: workspace.path, env });
    expect(stdout.split('\n')).toEqual([
      'complete -F _mcp_marshal mcp-marshal',
      'report',
      'path=',
      'claude-code',
      'batch.svg',
      '',
    ]);
  },
  20_000,
);
