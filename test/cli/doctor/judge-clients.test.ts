import { describe, expect, test } from 'vitest';
import { judgeEnvironment } from '../../../src/cli/doctor/judge/clients/judge-environment.ts';
import { judgeLimits } from '../../../src/cli/doctor/judge/clients/judge-limits.ts';
import { judgeRegistration } from '../../../src/cli/doctor/judge/clients/judge-registration.ts';
import type { Registration } from '../../../src/cli/doctor/gather/look-at-registrations.ts';
import type { ClientId } from '../../../src/clients/client.ts';
import { settings } from '../../batch/tiny-catalog.ts';

const place = { file: '/home/ann/client.json', line: 3, column: 5 };
const config = { path: '/home/ann/marshal.yaml', exists: true, isRelative: false };
const start = { command: '/usr/bin/node', file: '/usr/bin/node', isBare: false };

function registration(client: ClientId, change: Partial<Registration> = {}): Registration {
  return { client, name: 'marshal', place, env: new Set(), isEnabled: true, start, config, ...change };
}

describe('what a client starts', () => {
  const own = { file: config.path, isUsers: false };
  const { config: _, ...unnamed } = registration('zed');

  test.each([
    ['as it should be', registration('zed'), []],
    ['switched off', registration('zed', { isEnabled: false }), ['note registration-off']],
    [
      'a command that is not there',
      registration('zed', { start: { command: 'mcp-marshal', isBare: true } }),
      ['problem registration-command'],
    ],
    [
      'a script that is not there',
      registration('zed', { start: { ...start, script: { path: '/old/main.js', exists: false } } }),
      ['problem registration-script'],
    ],
    [
      'with a configuration relative to wherever it starts',
      registration('zed', { config: { ...config, isRelative: true } }),
      ['warning registration-config-relative'],
    ],
    [
      'with another configuration',
      registration('zed', { config: { ...config, path: '/elsewhere.yaml' } }),
      ['note registration-other-config'],
    ],
    ['with none, from the desktop', unnamed, ['warning registration-no-config']],
    ['with none, from a shell', { ...unnamed, client: 'codex' as const }, ['note registration-no-config']],
    [
      'nothing, at a port where nobody listens',
      { ...registration('zed'), port: { host: '127.0.0.1', port: 8080, isListening: false } },
      ['problem proxy-away'],
    ],
  ])('%s', (_name, one, told) => {
    const found = judgeRegistration(one, own);
    expect(found.map(({ level, code }) => `${level} ${code}`)).toEqual(told);
    for (const { fix } of found) expect(fix).not.toBe('');
  });

  test('with none is well where the configuration is the one of its user', () => {
    expect(judgeRegistration(unnamed, { ...own, isUsers: true })).toEqual([]);
  });
});

describe('what a client hands on', () => {
  const written = {
    file: config.path,
    variables: ['GITHUB_TOKEN', 'HOME', 'PROJECT'].map((name) => ({ name, server: 'github', place })),
  };
  const lacking = (one: Registration): (string | undefined)[] =>
    judgeEnvironment(one, { written, commands: [] }).map(({ message }) => /: (\w+) is missing/.exec(message)?.[1]);

  test.each([
    ['codex', ['GITHUB_TOKEN', 'PROJECT']],
    ['gemini-cli', ['GITHUB_TOKEN']],
    ['claude-desktop', ['GITHUB_TOKEN', 'PROJECT']],
    ['cline', ['GITHUB_TOKEN', 'PROJECT']],
    ['claude-code', []],
    ['opencode', []],
  ] as const)('%s does not hand on %j', (client, names) => {
    expect(lacking(registration(client))).toEqual(names);
  });

  test('is enough where its entry names the variables', () => {
    expect(lacking(registration('codex', { env: new Set(['GITHUB_TOKEN', 'PROJECT']) }))).toEqual([]);
  });

  const npx = { server: 'git', command: 'npx', file: '/home/ann/.nvm/versions/node/v22.1.0/bin/npx', isBare: true };

  test.each([
    ['claude-desktop', ['warning']],
    ['cursor', ['note']],
    ['claude-code', []],
  ] as const)('of the search path is not enough for what only a shell finds: %s %j', (client, levels) => {
    const found = judgeEnvironment(registration(client), { written: undefined, commands: [npx] });
    expect(found.map(({ level }) => level)).toEqual(levels);
    for (const { fix } of found) expect(fix).toContain(npx.file);
  });

  test('is no matter for programs of the system, for full paths, and where the entry has a search path', () => {
    const of = (command: typeof npx, change: Partial<Registration> = {}): unknown[] =>
      judgeEnvironment(registration('claude-desktop', change), { written: undefined, commands: [command] });
    expect(of({ ...npx, file: '/usr/bin/npx' })).toEqual([]);
    expect(of({ ...npx, isBare: false })).toEqual([]);
    expect(of(npx, { env: new Set(['PATH']) })).toEqual([]);
  });
});

describe('what a client takes', () => {
  const config = { batch: settings, surface: 'passthrough' } as const;
  const names = (count: number, chars = 10): string[] =>
    Array.from({ length: count }, (_, index) => `t${index}`.padEnd(chars, 'x'));
  const codesOf = (one: Registration, toolNames: readonly string[]): string[] =>
    judgeLimits(one, { config, toolNames }).map(({ level, code }) => `${level} ${code}`);

  test('are only so many tools', () => {
    expect(codesOf(registration('cursor'), names(80))).toEqual([]);
    expect(codesOf(registration('cursor'), names(81))).toEqual(['warning too-many-tools']);
    expect(codesOf(registration('claude-code'), names(500))).toEqual([]);
  });

  test('are only names so long, which depends on what it calls us', () => {
    expect(codesOf(registration('gemini-cli'), names(2, 51))).toEqual([]);
    expect(codesOf(registration('gemini-cli'), names(2, 52))).toEqual(['note long-names']);
    expect(codesOf(registration('gemini-cli', { name: 'marshal-of-work' }), names(2, 44))).toEqual(['note long-names']);
  });

  test('is only so much time, its own default or what its entry says', () => {
    const { deadlineMs } = settings;
    expect(codesOf(registration('cline', { timeoutMs: deadlineMs + 1 }), [])).toEqual([]);
    expect(codesOf(registration('cline', { timeoutMs: deadlineMs }), [])).toEqual(['warning client-timeout']);
    const late = { ...config, batch: { ...settings, deadlineMs: 90_000 } };
    const [found] = judgeLimits(registration('cline'), { config: late });
    expect(found?.fix).toContain('batch: { deadline: 55s }');
  });
});
