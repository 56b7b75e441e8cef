#!/usr/bin/env node
// Records what well-known servers list: `node test/policies/record-tools.mjs [NAME…]` fetches each from npm into a temporary folder,
// starts it with an empty home and keys that belong to nobody, and writes test/fixtures/tools/NAME.json. Says what differs from before.
import { fork, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { recordedServers } from './recorded-servers.mjs';

/** Of a server's start and its list together. */
const listingMs = 60_000;
/** Fetching a package with all that it needs. */
const installMs = 180_000;
/** As many as leave the machine usable. */
const atOnce = 2;
const folder = fileURLToPath(new URL('../fixtures/tools/', import.meta.url));
const reader = fileURLToPath(new URL('./read-tools.mjs', import.meta.url));

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !recordedServers.some((server) => server.name === name));
if (unknown.length > 0) throw new Error(`not in recorded-servers.mjs: ${unknown.join(', ')}`);
const waiting = recordedServers.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
const work = await mkdtemp(join(tmpdir(), 'record-tools-'));
try {
  await Promise.all(Array.from({ length: atOnce }, drain));
} finally {
  await rm(work, { recursive: true, force: true, maxRetries: 5 });
}
spawnSync('npx', ['oxfmt', folder], { stdio: 'ignore' });

async function drain() {
  for (let server = waiting.shift(); server !== undefined; server = waiting.shift()) {
    try {
      say(`${server.name}: ${await record(server)}`);
    } catch (error) {
      process.exitCode = 1;
      say(`${server.name}: NOT RECORDED: ${String(error.message).slice(-600)}`);
    }
  }
}

async function record(server) {
  const room = join(work, server.name);
  const home = join(room, 'home');
  await mkdir(home, { recursive: true });
  try {
    await install(server, room);
    const packageFolder = join(room, 'node_modules', server.package);
    const { version, bin } = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8'));
    const program = typeof bin === 'string' ? bin : (bin[server.bin] ?? Object.values(bin)[0]);
    const command = [join(packageFolder, program), ...(server.args ?? [])];
    const read = await readTools({ command, env: server.env ?? {}, home });
    // Some name the folder that they run in; it is another one each time.
    const { protocol, tools } = JSON.parse(JSON.stringify(read).replaceAll(home, '~'));
    const recording = {
      package: server.package,
      version,
      date: new Date().toISOString().slice(0, 10),
      protocol,
      tools,
    };
    const file = join(folder, `${server.name}.json`);
    const before = existsSync(file) ? JSON.parse(await readFile(file, 'utf8')) : undefined;
    await writeFile(file, `${JSON.stringify(recording, null, 1)}\n`);
    return `${server.package}@${version}, ${tools.length} tools${differences(before, recording)}`;
  } finally {
    await rm(room, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Scripts of packages are not run: they fetch browsers, which no list needs. */
function install(server, room) {
  const options = ['--no-audit', '--no-fund', '--no-save', '--ignore-scripts', '--loglevel=error'];
  const args = ['install', '--prefix', room, '--cache', join(work, 'cache'), ...options, `${server.package}@latest`];
  return new Promise((resolve, reject) => {
    const child = spawn('npm', args, { stdio: ['ignore', 'ignore', 'pipe'], timeout: installMs });
    let words = '';
    child.stderr.on('data', (chunk) => (words += chunk));
    child.on('error', reject);
    child.on('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`npm install ended with ${code}: ${words}`)),
    );
  });
}

/** In a process group of its own, which is ended as a whole: servers leave grandchildren behind. */
function readTools(task) {
  const environment = {
    PATH: process.env.PATH,
    HOME: task.home,
    USERPROFILE: task.home,
    TMPDIR: task.home,
    CI: '1',
    NO_COLOR: '1',
  };
  return new Promise((resolve, reject) => {
    const child = fork(reader, {
      detached: true,
      cwd: task.home,
      env: environment,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let words = '';
    child.stderr.on('data', (chunk) => (words = (words + chunk).slice(-2_000)));
    const timer = setTimeout(() => reject(new Error(`no list within ${listingMs} ms: ${words}`)), listingMs);
    child.on('message', (answer) => (answer.tools ? resolve(answer) : reject(new Error(`${answer.error}: ${words}`))));
    child.on('error', reject);
    child.on('exit', () => reject(new Error(`it ended: ${words}`)));
    child.send({ ...task, env: { ...environment, ...task.env } });
    child.once('exit', () => clearTimeout(timer));
    const end = () => {
      clearTimeout(timer);
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // The whole group has ended by itself.
      }
    };
    const settle = { resolve, reject };
    resolve = (value) => (end(), settle.resolve(value));
    reject = (error) => (end(), settle.reject(error));
  });
}

function differences(before, after) {
  if (before === undefined) return ' (new)';
  const had = new Map(before.tools.map((tool) => [tool.name, JSON.stringify(tool)]));
  const has = new Map(after.tools.map((tool) => [tool.name, JSON.stringify(tool)]));
  const added = [...has.keys()].filter((name) => !had.has(name));
  const gone = [...had.keys()].filter((name) => !has.has(name));
  const changed = [...has].filter(([name, text]) => had.has(name) && had.get(name) !== text).map(([name]) => name);
  const parts = [
    ['new', added],
    ['gone', gone],
    ['changed', changed],
  ].filter(([, names]) => names.length > 0);
  const said = parts.map(([word, names]) => [word, names.join(', ')].join(': ')).join('; ');
  return said === '' ? `, as in ${before.version}` : `; since ${before.version} ${said}`;
}

function say(line) {
  process.stderr.write(`${line}\n`);
}
