import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { configJsonSchema, policyJsonSchema } from '../src/config/schema/json-schema.ts';

const root = join(import.meta.dirname, '..');
const maxLines = 250;

/** What a room may import: rooms below it, whole or their types alone; packages; modules of Node, where not all of them. */
interface Room {
  rooms: Record<string, 'values' | 'types'>;
  packages: readonly string[];
  node?: readonly string[];
  /** Decides only: no clock, no timer, no process. */
  isPure?: true;
}

const rooms: Record<string, Room> = {
  core: { rooms: {}, packages: [], node: [], isPure: true },
  lib: { rooms: { core: 'types' }, packages: ['pino', 'pino-pretty'] },
  config: {
    rooms: { core: 'values', lib: 'values' },
    packages: ['zod', 'yaml', 'jsonc-parser', 'fastest-levenshtein'],
  },
  policy: { rooms: { core: 'values', config: 'types' }, packages: ['fastest-levenshtein'], node: [], isPure: true },
  catalog: {
    rooms: { core: 'values', policy: 'values', config: 'types' },
    packages: ['minisearch'],
    node: ['node:crypto'],
    isPure: true,
  },
  batch: {
    rooms: { core: 'values', catalog: 'values', policy: 'values', config: 'types' },
    packages: ['ajv', 're2js'],
    node: ['node:module', 'node:util'],
    isPure: true,
  },
  schedule: { rooms: { core: 'values' }, packages: ['p-limit'] },
  journal: { rooms: { core: 'values', lib: 'values', config: 'types' }, packages: ['libsql'] },
  upstream: {
    rooms: { core: 'values', lib: 'values', config: 'types' },
    packages: ['@modelcontextprotocol/client', 'cross-spawn'],
  },
  approvals: {
    rooms: { core: 'values', lib: 'values', batch: 'values', config: 'types' },
    packages: [],
  },
  access: { rooms: { core: 'values', lib: 'values', config: 'types' }, packages: ['jose'] },
  telemetry: {
    rooms: { core: 'values', lib: 'values' },
    packages: [
      '@opentelemetry/api',
      '@opentelemetry/exporter-metrics-otlp-http',
      '@opentelemetry/exporter-trace-otlp-http',
      '@opentelemetry/resources',
      '@opentelemetry/sdk-metrics',
      '@opentelemetry/sdk-trace-base',
    ],
  },
  serve: {
    rooms: {
      core: 'values',
      access: 'types',
      batch: 'values',
      catalog: 'values',
      lib: 'values',
      schedule: 'types',
      config: 'types',
    },
    packages: ['@modelcontextprotocol/server'],
  },
  bridge: {
    rooms: { core: 'values', lib: 'values', serve: 'values' },
    packages: ['@modelcontextprotocol/client'],
  },
  clients: {
    rooms: { core: 'values', policy: 'values', config: 'values', lib: 'values' },
    packages: ['jsonc-parser', 'smol-toml', 'yaml'],
  },
  cli: {
    rooms: {
      core: 'values',
      bridge: 'values',
      lib: 'values',
      clients: 'values',
      config: 'values',
      policy: 'values',
      catalog: 'values',
      batch: 'values',
      schedule: 'values',
      upstream: 'values',
      serve: 'values',
      access: 'values',
      approvals: 'values',
      telemetry: 'values',
    },
    packages: ['commander', 'picocolors', '@clack/prompts'],
  },
};

/** The composition root introduces the rooms to each other, so it may import all of them, and none may import it. */
const compositionRoot: readonly string[] = ['app', 'app.ts', 'program.ts', 'main.ts', 'index.ts'];

const sources = new Map(
  readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => [path.replaceAll('\\', '/'), readFileSync(join(root, 'src', path), 'utf8')]),
);

describe('the rooms of src/', () => {
  test('are all there to be checked', () => {
    const seen = new Set([...sources.keys()].map(roomOf));
    expect([...seen].sort()).toEqual([...Object.keys(rooms), ...compositionRoot].sort());
    expect([...sources.values()].flatMap(findImports).length).toBeGreaterThan(sources.size);
  });

  test('import only what stands below them, and only their own packages', () => {
    expect([...sources].flatMap(([path, text]) => findForbiddenImports(path, text))).toEqual([]);
  });

  test('that decide have no clock, no timer and no process', () => {
    expect([...sources].flatMap(([path, text]) => findImpurities(path, text))).toEqual([]);
  });

  test(`have no file over ${maxLines} lines`, () => {
    const long = [...sources].filter(([, text]) => text.trimEnd().split('\n').length > maxLines).map(([path]) => path);
    expect(long).toEqual([]);
  });

  test('stand in the map src/README.md, which names nothing else', () => {
    const map = readFileSync(join(root, 'src/README.md'), 'utf8');
    const named = [...map.matchAll(/^(?:- |\| )`([^`]+)`/gm)].map(([, path = '']) => path);
    expect(named.length).toBeGreaterThan(0);
    const isNamed = (path: string): boolean => named.includes(path) || named.includes(`${dirname(path)}/`);
    expect([...sources.keys()].filter((path) => !isNamed(path))).toEqual([]);
    expect(named.filter((path) => !existsSync(join(root, 'src', path)))).toEqual([]);
  });
});

describe('the check itself', () => {
  test.each([
    ['core/call.ts', `import { x } from '../lib/logger.ts';`, '../lib/logger.ts'],
    ['schedule/deep/run.ts', `import { x } from '../../upstream/fleet.ts';`, '../../upstream/fleet.ts'],
    ['policy/decide.ts', `import { x } from '../config/load-config.ts';`, '../config/load-config.ts'],
    ['serve/x.ts', `import {\n  x,\n} from '../upstream/fleet.ts';`, '../upstream/fleet.ts'],
    ['serve/x.ts', `export * from '../cli/io.ts';`, '../cli/io.ts'],
    ['serve/x.ts', `const x = await import('../upstream/fleet.ts');`, '../upstream/fleet.ts'],
    ['cli/x.ts', `import type { Proxy } from '../app.ts';`, '../app.ts'],
    ['core/x.ts', `import { z } from 'zod';`, 'zod'],
    ['core/x.ts', `import 'zod/mini';`, 'zod/mini'],
    ['catalog/x.ts', `import { readFileSync } from 'node:fs';`, 'node:fs'],
    [
      'upstream/x.ts',
      `import { Server } from '@modelcontextprotocol/server/stdio';`,
      '@modelcontextprotocol/server/stdio',
    ],
    ['attic/x.ts', `import { x } from './y.ts';`, './y.ts'],
  ])('reports a forbidden import in %s: %s', (path, text, imported) => {
    expect(findForbiddenImports(path, text)).toEqual([`${path} may not import ${imported}`]);
  });

  test.each([
    ['policy/x.ts', `import type { Policy } from '../config/policy.ts';`],
    ['batch/plan/x.ts', `import { y } from '../request/y.ts';`],
    ['app.ts', `import { createFleet } from './upstream/fleet.ts';`],
    ['core/x.ts', `// import { z } from 'zod';\n/**\n * import { z } from 'zod';\n */`],
  ])('allows in %s: %s', (path, text) => {
    expect(findForbiddenImports(path, text)).toEqual([]);
  });

  test.each(['Date.now()', 'performance.now()', 'setTimeout(f, 1)', 'process.env', 'new Date()'])(
    'reports %s in a room that decides, and nowhere else',
    (code) => {
      expect(findImpurities('policy/x.ts', `const x = ${code};`)).toHaveLength(1);
      expect(findImpurities('policy/x.ts', `/**\n * ${code}\n */\n// ${code}`)).toEqual([]);
      expect(findImpurities('upstream/x.ts', `const x = ${code};`)).toEqual([]);
    },
  );
});

test.each([
  ['config/schema.json', configJsonSchema],
  ['config/policy.schema.json', policyJsonSchema],
])('%s is what the program accepts', (file, schema) => {
  expect(JSON.parse(readFileSync(join(root, file), 'utf8'))).toEqual(schema());
});

interface Import {
  specifier: string;
  isType: boolean;
}

/** Imports and re-exports, as they stand at the beginning of a line after formatting, and dynamic imports wherever they are. */
function findImports(text: string): Import[] {
  const code = withoutComments(text);
  const declared = code.matchAll(/^(?:import|export)( type)?\b(?:[^;'"]*?\bfrom)?\s*['"]([^'"]+)['"]/gm);
  const dynamic = code.matchAll(/\bimport\(\s*['"`]([^'"`]+)['"`]/g);
  return [
    ...[...declared].map(([, type, specifier = '']) => ({ specifier, isType: type !== undefined })),
    ...[...dynamic].map(([, specifier = '']) => ({ specifier, isType: false })),
  ];
}

function findForbiddenImports(path: string, text: string): string[] {
  if (compositionRoot.includes(roomOf(path))) return [];
  return findImports(text)
    .filter((found) => !isAllowed(path, found))
    .map(({ specifier }) => `${path} may not import ${specifier}`);
}

function isAllowed(path: string, { specifier, isType }: Import): boolean {
  const own = rooms[roomOf(path)];
  if (own === undefined) return false;
  if (specifier.startsWith('node:')) return own.node === undefined || own.node.includes(specifier);
  if (!specifier.startsWith('.')) {
    return own.packages.some((name) => specifier === name || specifier.startsWith(`${name}/`));
  }
  const target = roomOf(posix.join(posix.dirname(path), specifier));
  const access = own.rooms[target];
  return target === roomOf(path) || access === 'values' || (access === 'types' && isType);
}

function findImpurities(path: string, text: string): string[] {
  if (rooms[roomOf(path)]?.isPure !== true) return [];
  const found = withoutComments(text).matchAll(
    /\b(?:Date\.now|new Date|performance\.\w|process\.\w|set(?:Timeout|Interval|Immediate)\b)/g,
  );
  return [...found].map(([word]) => `${path} uses ${word}`);
}

/** The first folder of a path inside src/, or the file itself. */
function roomOf(path: string): string {
  return path.split('/')[0] ?? path;
}

/** Without lines that are a comment, and without comments at the end of a line. */
function withoutComments(text: string): string {
  return text.replaceAll(/^\s*(?:\/\/|\/\*|\*).*$/gm, '').replaceAll(/\s\/\/ .*$/gm, '');
}
