import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { CommanderError } from 'commander';
import { parse as parseToml } from 'smol-toml';
import { describe, expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { checkRecipe } from '../../src/batch/recipe/check-recipe.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { isJsonObject } from '../../src/core/json.ts';
import { requestOf } from '../batch/tiny-catalog.ts';
import { fakeIo } from '../cli/fake-io.ts';
import { load } from '../config/load-from.ts';
import { findSnippets, pages, readPage } from './snippets.ts';

const root = join(import.meta.dirname, '../..');
const snippets = findSnippets();
const of = (...languages: string[]): [string, string][] =>
  snippets
    .filter(({ language }) => languages.includes(language))
    .map(({ page, line, text }) => [`${page}:${line}`, text]);

test('every block of the documentation says what it is, so that it can be tried', () => {
  expect(snippets.length).toBeGreaterThan(30);
  const known = new Set(['yaml', 'json', 'toml', 'sh', 'js', 'text']);
  expect(snippets.filter(({ language }) => !known.has(language)).map(({ page, line }) => `${page}:${line}`)).toEqual(
    [],
  );
});

describe('commands in the documentation', () => {
  const lines = of('sh').flatMap(([place, text]) => text.split('\n').map((line) => [place, line] as const));
  const ours = lines.flatMap(([place, line]) =>
    ownCommands(line).map((words) => [`${place} ${words.join(' ')}`, words] as const),
  );

  test('there are some', () => expect(ours.length).toBeGreaterThan(30));

  test.each(ours)('%s is one that the program knows', async (_, words) => {
    const program = buildProgram(fakeIo({}).io, { version: '0.0.0', isJson: false, run: async () => {} });
    const parsed = program.parseAsync(words, { from: 'user' }).catch((error: unknown) => {
      if (!(error instanceof CommanderError && error.exitCode === 0)) throw error;
    });
    await expect(parsed).resolves.toBeDefined();
  });

  test.each(lines.filter(([, line]) => line.startsWith('npm run ')))('%s: %s is a script of the package', (_, line) => {
    const { scripts } = JSON.parse(readPage('package.json'));
    expect(Object.keys(scripts)).toContain(/^npm run ([\w:-]+)/.exec(line)?.[1]);
  });
});

describe('files in the documentation', () => {
  test.each(of('yaml'))('the YAML of %s is a configuration or a policy that loads', async (_, text) => {
    const value: unknown = parseYaml(text);
    if (!isJsonObject(value)) throw new Error('it is no mapping');
    const isPolicy = value['server'] !== undefined || value['read'] !== undefined || value['tools'] !== undefined;
    const servers = 'servers: { notes: { command: node, policy: policy.yaml } }';
    const files: Record<string, string> = isPolicy
      ? { 'marshal.yaml': `version: 1\n${servers}`, 'policy.yaml': text }
      : { 'marshal.yaml': asConfiguration(value, text) };
    const env = { GITHUB_TOKEN: 'x', PROJECT_DIR: '/srv', HOME: '/home/ann' };
    await expect(load(files, { checkRecipe, env })).resolves.toBeDefined();
  });

  test.each(of('json'))('the JSON of %s is a batch, or an entry for a client', (_, text) => {
    const value: unknown = JSON.parse(text);
    if (!isJsonObject(value)) throw new Error('it is no object');
    if (value['calls'] === undefined) {
      const entries = Object.values(value).flatMap((map) => (isJsonObject(map) ? Object.values(map) : []));
      expect(entries.length).toBeGreaterThan(0);
      return;
    }
    const { calls } = requestOf(value);
    expect(calls.flatMap(({ problem }) => problem ?? [])).toEqual([]);
  });

  test.each(of('toml'))('the TOML of %s is read as it is meant', (_, text) => {
    expect(Object.keys(parseToml(text))).toEqual(['mcp_servers']);
  });
});

test.each(of('js'))('the program of %s runs, and prints what it says', async (_, text) => {
  const folder = await mkdtemp(join(tmpdir(), 'marshal-docs-'));
  try {
    const echo = join(root, 'node_modules/@modelcontextprotocol/server-everything/dist/index.js');
    const servers = { everything: { command: process.execPath, args: [echo], policy: 'builtin:everything' } };
    // Not where it is found unnamed: a program that names its file in the wrong way would get another one.
    await writeFile(join(folder, 'named.yaml'), JSON.stringify({ version: 1, stateDir: 'state', servers }));
    await mkdir(join(folder, 'node_modules'));
    await symlink(root, join(folder, 'node_modules/mcp-marshal'));
    await writeFile(join(folder, 'program.mjs'), text.replace("'marshal.yaml'", "'named.yaml'"));
    const { stdout } = await promisify(execFile)(process.execPath, ['program.mjs'], { cwd: folder });
    const said = [...text.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)].map(([, output]) => `${output}\n`);
    expect(stdout).toBe(said.join(''));
  } finally {
    await rm(folder, { recursive: true });
  }
});

test.each(pages)('what %s links to is there', (page) => {
  const text = readPage(page);
  const links = [...text.matchAll(/\]\((?!https?:)([^)]+)\)/g)].map(([, link = '']) => link);
  const broken = links.filter((link) => {
    const [path = '', anchor] = link.split('#');
    const file = path === '' ? page : join(dirname(page), path);
    if (!existsSync(join(root, file))) return true;
    return anchor !== undefined && !anchorsOf(readPage(file)).includes(anchor);
  });
  expect(broken).toEqual([]);
});

test('every command of the program is in docs/commands.md', () => {
  const text = readPage('docs/commands.md');
  const program = buildProgram(fakeIo({}).io, { version: '0.0.0', isJson: false, run: async () => {} });
  const shown = program
    .createHelp()
    .visibleCommands(program)
    .map((command) => command.name());
  expect(shown.filter((name) => name !== 'help' && !text.includes(`\`${name}`))).toEqual([]);
});

test('everything that is kept in the state folder is in docs/commands.md, with what it is for', () => {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.ts'),
  );
  const kept = files.flatMap((path) =>
    [...readPage(`src/${path}`).matchAll(/join\(stateDir, '([\w-]+(?:\.json)?)'\)/g)].map(([, name = '']) => name),
  );
  expect(new Set(kept).size).toBeGreaterThan(5);
  const text = readPage('docs/commands.md');
  expect(kept.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
});

/** The words after `mcp-marshal` in one line of a shell, wherever it is called there. */
function ownCommands(line: string): string[][] {
  const code = line.replace(/\s+#\s.*$/, '');
  return [...code.matchAll(/(?:^|[|(&;] ?|\bnpx -y |\bmarshal-state:\/state |=\S+ )mcp-marshal ([^|)>&;]+)/g)].map(
    ([, words = '']) =>
      [...words.trim().matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
        ([, single, double, plain]) => single ?? double ?? plain ?? '',
      ),
  );
}

/** A part of a configuration as a whole one. */
function asConfiguration(value: object, text: string): string {
  const isWhole = 'version' in value;
  return isWhole ? text : `version: 1\n${'servers' in value ? '' : 'servers: { github: { command: node } }\n'}${text}`;
}

function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
