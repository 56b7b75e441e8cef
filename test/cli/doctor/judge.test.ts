import { describe, expect, test } from 'vitest';
import { exitCodeOfFindings } from '../../../src/cli/doctor/exit-code.ts';
import { toFinding } from '../../../src/cli/doctor/finding.ts';
import type { Finding } from '../../../src/cli/doctor/finding.ts';
import { judgeFiles } from '../../../src/cli/doctor/judge/judge-files.ts';
import { judgeNode } from '../../../src/cli/doctor/judge/judge-node.ts';
import { judgePort } from '../../../src/cli/doctor/judge/judge-port.ts';
import { judgeState } from '../../../src/cli/doctor/judge/judge-state.ts';
import { mendOfMissing, mendOfReason } from '../../../src/cli/doctor/judge/mend-of-reason.ts';

describe('Node', () => {
  test.each([
    ['20.18.3', '>=20.19', true],
    ['18.20.0', '>=20.19', true],
    ['20.19.0', '>=20.19', false],
    ['22.1.0', '>=20.19', false],
    ['100.0.0', '>=20.19.4', false],
  ])('%s is too old for %s: %s', (node, engines, isOld) => {
    expect(judgeNode({ node, engines }).map(({ code }) => code)).toEqual(isOld ? ['old-node'] : []);
  });
});

test('a Node of the right major version that is too old is told which one to install', () => {
  const [found] = judgeNode({ node: '20.5.0', engines: '>=20.19' });
  expect(found?.fix).toContain('install Node 20.19 or newer');
});

describe('a server that is not there is told why, with what mends that', () => {
  test.each([
    ['npx', 'write the full path of it as servers.it.command'],
    ['/opt/gone/npx', 'or correct servers.it.command'],
  ])('its command %s is nowhere: %s', (command, fix) => {
    expect(mendOfMissing(command, 'it')).toContain(fix);
  });

  test.each([
    ['the command "uvx" was not found; install it', 'command-not-found', 'pipx install uv'],
    ['the working directory "/x" does not exist, or is none', 'cwd-missing', 'servers.it.cwd'],
    ['no permission to run "./it.sh"; make it executable', 'command-not-executable', 'chmod +x uvx'],
    [
      'it exited with code 1; its last words on stderr: Cannot connect to the Docker daemon',
      'docker-away',
      'docker ps',
    ],
    ['it exited with code 1', 'exits', 'servers.it'],
    ['it was ended by SIGKILL', 'exits', 'servers.it'],
    ['no answer within 30 s', 'hangs', '--timeout 2m'],
    ['it was not ready within 30 s', 'hangs', '--timeout 2m'],
    ['it refuses our credentials (HTTP 403); check "headers"', 'credentials-refused', 'servers.it.headers'],
    ['it has forgotten the session, or has moved (HTTP 404)', 'http-status', 'servers.it.url'],
    ['it sends us elsewhere (HTTP 308), where we do not follow', 'http-status', 'redirects'],
    ['it answered with HTTP 502', 'http-status', 'try it again later'],
    ['no secure connection to it can be made (CERT_HAS_EXPIRED)', 'tls', 'NODE_EXTRA_CA_CERTS'],
    ['it cannot be reached (ENOTFOUND); check "url"', 'unreachable', 'servers.it.url'],
    ['something that nobody has thought of', 'unreachable', 'mcp-marshal check'],
  ])('%s', (reason, code, fix) => {
    const mend = mendOfReason(reason, { server: 'it', needsLogin: false, command: 'uvx' });
    expect(mend.code).toBe(code);
    expect(mend.fix).toContain(fix);
  });

  test('one whose command is a whole command line is told to write the arguments apart', () => {
    const reason = 'the command "npx -y some-server" was not found: it is taken for the name of one program';
    const { code, fix } = mendOfReason(reason, { server: 'it', needsLogin: false, command: 'npx -y some-server' });
    expect(code).toBe('command-not-found');
    expect(fix).toBe('write servers.it.command: npx, and each word behind it into servers.it.args');
  });

  test('one behind a URL that hangs has no command to try in a shell', () => {
    const { code, fix } = mendOfReason('no answer within 10 s; check "url"', { server: 'it', needsLogin: false });
    expect(code).toBe('hangs');
    expect(fix).toContain('servers.it.url answers');
    expect(fix).not.toContain('in a shell');
  });

  test('one that wants a login is logged in to, whatever else it says', () => {
    const mend = mendOfReason('it refuses our credentials (HTTP 401)', { server: 'it', needsLogin: true });
    expect(mend).toEqual({ code: 'login-needed', fix: 'mcp-marshal login it' });
  });
});

describe('the exit code is that of the worst', () => {
  const finding = (level: Finding['level'], about: Finding['about'] = 'server'): Finding => ({
    level,
    about,
    code: 'x',
    message: '',
    fix: '',
  });
  const away = { name: 'a', state: 'unreachable' } as const;
  const changed = {
    file: 'marshal.lock',
    differences: [{ server: 'a', change: 'changed', parts: [], isQuarantined: true }],
  } as const;
  const lost = [away, { ...away, needsLogin: true }] as const;

  test.each([
    ['an invalid configuration', [finding('problem', 'configuration')], { servers: [away], lock: changed }, 2],
    ['changed tools', [finding('problem')], { servers: [away], lock: changed }, 7],
    ['a server that is away', [finding('problem')], { servers: lost }, 4],
    ['a login', [finding('problem')], { servers: [lost[1]] }, 3],
    ['another problem', [finding('problem', 'state')], { servers: [] }, 1],
    ['a warning', [finding('warning', 'configuration')], { servers: [] }, 1],
    ['a note', [finding('note')], { servers: [] }, 0],
    ['nothing', [], undefined, 0],
  ] as const)('%s', (_, findings, report, code) => {
    expect(exitCodeOfFindings(findings, report)).toBe(code);
  });
});

describe('a port', () => {
  const facts = { host: '127.0.0.1', port: 9464, key: 'telemetry.metrics' };

  test('that is free is no finding', () => {
    expect(judgePort(facts, [])).toEqual([]);
  });

  test('that a proxy of ours holds is as it should be, and told of', () => {
    const held = { ...facts, code: 'EADDRINUSE', owner: { pid: 42, program: 'node' } };
    expect(judgePort(held, [42])).toMatchObject([{ level: 'note', code: 'port-ours' }]);
    expect(judgePort(held, [])).toMatchObject([
      { level: 'problem', message: expect.stringContaining('process 42 (node)') },
    ]);
  });

  test.each([
    ['EACCES', 'a port from 1024 on'],
    ['EADDRNOTAVAIL', 'an address of this machine'],
  ])('that cannot be had (%s) is mended by another', (code, fix) => {
    expect(judgePort({ ...facts, code }, [])).toMatchObject([{ level: 'problem', fix: expect.stringContaining(fix) }]);
  });
});

describe('the state folder', () => {
  test.each([
    ['EACCES', true, "chmod u+rwx '/my state', or write stateDir: FOLDER with one that can be written"],
    ['EACCES', false, 'write stateDir: FOLDER with one that can be written'],
    ['ENOTDIR', true, 'write stateDir: FOLDER with one that can be written'],
  ])('that cannot be written (%s, there: %s) is mended by what can be typed', (code, exists, fix) => {
    const stateDir = '/my state';
    const flaw = `stateDir ${stateDir} cannot be written (${code}); set stateDir`;
    const told = judgeState({ stateDir, exists, flaw, othersMode: 0o55, journalProblems: [], proxies: [] });
    expect(told.map((found) => found.fix)).toEqual([fix, "chmod 700 '/my state'"]);
  });

  const facts = { stateDir: '/state', exists: true, journalProblems: [], proxies: [] };

  test.each([
    [{ isForeign: true, flaw: 'stateDir /state cannot be written (EACCES)' }, ['state-foreign']],
    [{ freeBytes: 5_000_000 }, ['state-full']],
    [{ freeBytes: 500_000_000 }, []],
    [{ journalFile: '/state/j.db', proxies: [7] }, ['journal-held']],
    [{ proxies: [7, 8] }, []],
  ])('%j: %j', (change, codes) => {
    expect(judgeState({ ...facts, ...change }).map(({ code }) => code)).toEqual(codes);
  });

  test.each([
    ['EACCES', 'chmod u+rwx /state'],
    ['ENOSPC', 'make room on the drive of /state'],
    ['EROFS', 'mount the drive of /state so that it can be written'],
  ])('that cannot be written (%s) is mended by what is missing', (reason, fix) => {
    const [found] = judgeState({ ...facts, flaw: `stateDir /state cannot be written (${reason}); set stateDir` });
    expect(found?.fix).toBe(`${fix}, or write stateDir: FOLDER with one that can be written`);
  });
});

test('a file that others can write decides what is started, and is told of with the command that mends it', () => {
  const path = "/home/ann/it's/marshal.yaml";
  const [found] = judgeFiles([{ path, kind: 'configuration', othersRead: true, othersWrite: true }]);
  expect(found?.fix).toBe(String.raw`chmod go-w '/home/ann/it'\''s/marshal.yaml'`);
  expect(judgeFiles([{ path, kind: 'configuration', othersRead: true, othersWrite: false }])).toEqual([]);
});

test.each([
  ['"x" is not a duration; write 500ms, 30s or 2m', 'k: "x" is not a duration', 'write 500ms, 30s or 2m'],
  ['none was found. Create one', 'k: none was found', 'Create one'],
  ['is missing', 'k: is missing', 'mend it'],
])('the mend in a message stands apart from it: %s', (message, shown, fix) => {
  const found = toFinding(
    { message, key: 'k' },
    { level: 'problem', code: 'x', about: 'configuration', fix: 'mend it' },
  );
  expect(found).toMatchObject({ message: shown, fix });
});
