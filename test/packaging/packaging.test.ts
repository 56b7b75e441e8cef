import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { MANIFEST_SCHEMAS } from '@anthropic-ai/mcpb';
import { describe, expect, test } from 'vitest';
import { ownToolNames } from '../../src/batch/own-tools.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const own = JSON.parse(read('package.json'));

describe('the entry for the MCP registry', () => {
  const entry = JSON.parse(read('server.json'));

  test('names the package that names it, in this version', () => {
    expect(entry.name).toBe(own.mcpName);
    expect(entry.packages).toMatchObject([{ registryType: 'npm', identifier: own.name, version: own.version }]);
    expect(entry.version).toBe(own.version);
  });

  // The registry's schema of 2025-12-11.
  test('has a name and a description as the registry takes them', () => {
    expect(entry.name).toMatch(/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/);
    expect(entry.description.length).toBeGreaterThan(0);
    expect(entry.description.length).toBeLessThanOrEqual(100);
  });
});

describe('the bundle for Claude Desktop', () => {
  const manifest = JSON.parse(read('packaging/manifest.json'));

  test('has a manifest that the format allows, for this version and these versions of Node', () => {
    const schema = MANIFEST_SCHEMAS['0.3'];
    expect(schema.safeParse(manifest).error).toBeUndefined();
    expect(schema.safeParse({ ...manifest, server: {} }).success).toBe(false);
    expect(manifest.version).toBe(own.version);
    expect(manifest.compatibility.runtimes.node).toBe(own.engines.node);
  });

  test('tells of tools that there are', () => {
    const told = manifest.tools.map(({ name }: { name: string }) => name);
    for (const name of told) expect([...ownToolNames]).toContain(name);
  });

  test('starts the program that the package has', () => {
    const inBundle = `node_modules/${own.name}/${own.bin[own.name]}`;
    expect(manifest.server.entry_point).toBe(inBundle);
    expect(manifest.server.mcp_config.args[0]).toBe(`\${__dirname}/${inBundle}`);
  });
});

describe('the package', () => {
  const packed = JSON.parse(
    execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: fileURLToPath(root),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  )[0];
  const files: string[] = packed.files.map(({ path }: { path: string }) => path);

  test('holds the program, its types, policies, schemas, documentation and the licences of what is in it', () => {
    for (const path of [
      'dist/main.js',
      'dist/index.js',
      'dist/types/index.d.ts',
      'dist/THIRD-PARTY.txt',
      'config/schema.json',
      'config/policy.schema.json',
      'config/policies/filesystem.yaml',
      'docs/security.md',
      'README.md',
      'CHANGELOG.md',
      'LICENSE',
    ]) {
      expect(files).toContain(path);
    }
    expect(read('dist/THIRD-PARTY.txt')).toContain('Apache');
  });

  test('holds no sources, no tests and nothing of this machine', () => {
    expect(
      files.filter((path) => !/^(dist|config|docs)\/|^(README|CHANGELOG)\.md$|^LICENSE$|^package\.json$/.test(path)),
    ).toEqual([]);
    const here = fileURLToPath(root);
    for (const path of files.filter((file) => /^dist\/.*\.js$/.test(file))) expect(read(path)).not.toContain(here);
  });

  test('is not much more than a megabyte to fetch', () => {
    expect(packed.size).toBeLessThan(1_250_000);
  });
});

test('the image is of a Node that the program runs on, and starts the program', () => {
  const image = read('Dockerfile');
  const [, major] = /^FROM node:(\d+)-slim$/m.exec(image) ?? [];
  expect(Number(major)).toBeGreaterThanOrEqual(Number(/(\d+)/.exec(own.engines.node)?.[1]));
  expect(image).toContain(`ENTRYPOINT ["${Object.keys(own.bin)[0]}"]`);
});
