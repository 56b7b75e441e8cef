import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const source = join(import.meta.dirname, '../../src');

/** Modules that are loaded with these, those apart that are imported when they are needed. */
function loadedWith(files: readonly string[]): { files: Set<string>; packages: Set<string> } {
  const seen = new Set<string>();
  const packages = new Set<string>();
  const waiting = files.map((file) => join(source, file));
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    // An import whose names are all of types is none once types are stripped.
    for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(
      /^(?:import|export) (?!type )(?:[^;']*? from )?'([^']+)';$/gm,
    )) {
      if (name.startsWith('.')) waiting.push(join(dirname(file), name));
      else packages.add(name);
    }
  }
  return { files: seen, packages };
}

test('a start without telemetry loads nothing of OpenTelemetry', () => {
  const { files, packages } = loadedWith(['main.ts', 'app.ts', 'cli/run-cli.ts', 'cli/commands/serve.ts']);
  expect(files).toContain(join(source, 'telemetry/wanted-telemetry.ts'));
  expect([...packages].filter((name) => name.startsWith('@opentelemetry/'))).toEqual([]);
});

test('a program that tells nothing but what an SDK of its own gets loads no other', () => {
  const { packages } = loadedWith(['telemetry/open-telemetry.ts', 'telemetry/use-global-providers.ts']);
  expect([...packages].filter((name) => name.startsWith('@opentelemetry/'))).toEqual(['@opentelemetry/api']);
});
