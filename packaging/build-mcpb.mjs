// Makes a bundle for Claude Desktop from the packed package: `npm run mcpb [-- FILE]`. It holds the dependencies as npm installs them
// here, and one of them (libsql) is compiled: a bundle works on the system that it was made on, so each release makes one per system.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const manifest = JSON.parse(readFileSync(new URL('manifest.json', import.meta.url), 'utf8'));
const output = resolve(process.argv[2] ?? `mcp-marshal-${manifest.version}-${process.platform}-${process.arch}.mcpb`);

const folder = mkdtempSync(join(tmpdir(), 'marshal-mcpb-'));
const run = (command, args, cwd) =>
  execFileSync(command, args, { cwd, stdio: ['ignore', 'pipe', 'inherit'] }).toString();
try {
  const [packed] = JSON.parse(run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], root));
  const install = ['install', '--omit=dev', '--no-audit', '--no-fund', '--no-package-lock', `./${packed.filename}`];
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  run('npm', install, folder);
  rmSync(join(folder, packed.filename));
  const here = { ...manifest.compatibility, platforms: [process.platform] };
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ ...manifest, compatibility: here }, null, 2));
  process.stdout.write(run('npx', ['--no-install', 'mcpb', 'pack', folder, output], root));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
