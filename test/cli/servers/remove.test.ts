import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createCliHome } from '../commands/clients/run-in-home.ts';
import type { CliHome } from '../commands/clients/run-in-home.ts';

let place: CliHome;
beforeEach(() => {
  place = createCliHome();
});
afterEach(() => place.remove());

const folder = 'home/.config/mcp-marshal';
const text = (name = 'marshal.yaml'): string => readFileSync(join(place.path, folder, name), 'utf8');
const write = (config: string): string => place.write(`${folder}/marshal.yaml`, config);
const mine =
  'version: 1\nservers:\n  # mine\n  notes: { command: notes-mcp } # too\n  # other\n  web: { url: "https://example.com/mcp" }\n';

describe('remove', () => {
  test('takes the entry out with the comment above it, and keeps everything else and the old file', async () => {
    write(mine);
    const { code, out, err } = await place.run(['remove', 'web']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(text()).toBe('version: 1\nservers:\n  # mine\n  notes: { command: notes-mcp } # too\n');
    expect(text('marshal.yaml.bak')).toBe(mine);
    expect(out).toMatch(/^wrote .*marshal\.yaml; the old one is .*marshal\.yaml\.bak\n/);
    expect(out).toContain('--watch');
  });

  test('takes the last one out, too, and add puts it back in its place', async () => {
    write('version: 1\nservers:\n  notes: { command: notes-mcp } # too\n');
    await place.run(['remove', 'notes']);
    expect(text()).toBe('version: 1\nservers: {}\n');
    expect((await place.run(['add', 'notes', '--offline', '--policy', 'builtin:memory', '--', 'notes-mcp'])).code).toBe(
      0,
    );
    expect(text()).toBe('version: 1\nservers:\n  notes:\n    command: notes-mcp\n    policy: builtin:memory\n');
  });

  test('takes it out of JSON with its comma and the comment above it', async () => {
    const before =
      '{\n  "version": 1,\n  "servers": {\n    // of a\n    "a": { "command": "a" }, // a\n    /* of b */\n    // too\n    "b": { "command": "b" }\n  }\n}\n';
    const file = place.write('project/own.json', before);
    const run = (name: string): ReturnType<CliHome['run']> => place.run(['remove', name, '--config', file]);
    expect((await run('b')).code).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe(
      '{\n  "version": 1,\n  "servers": {\n    // of a\n    "a": { "command": "a" } // a\n  }\n}\n',
    );
    place.write('project/own.json', before.replace(' // a', ''));
    await run('a');
    expect(readFileSync(file, 'utf8')).toBe(
      '{\n  "version": 1,\n  "servers": {\n    /* of b */\n    // too\n    "b": { "command": "b" }\n  }\n}\n',
    );
    await run('b');
    expect(readFileSync(file, 'utf8')).toBe('{\n  "version": 1,\n  "servers": {}\n}\n');
  });

  test('says what still names it, and leaves that where it is', async () => {
    const recipe = '{ description: x, calls: [{ tool: notes__list, arguments: {} }] }';
    write(
      `version: 1\nenvFile: marshal.env\nservers:\n  notes:\n    url: "https://example.com/mcp?k=\${NOTES_KEY}&o=\${OTHER}"\n    policy: notes.yaml\n  web: { command: "web\${OTHER}" }\nrecipes:\n  today: ${recipe}\n`,
    );
    place.write(`${folder}/marshal.env`, 'NOTES_KEY=canary-1\nOTHER=1\nUNUSED=2\n');
    place.write(`${folder}/notes.yaml`, 'version: 1\n');
    const login = place.write('home/.local/state/mcp-marshal/oauth/notes.json', '{}');
    place.write(
      `${folder}/marshal.lock`,
      '{"version":1,"servers":{"notes":{"launch":{"type":"http","url":"https://example.com/mcp","headers":[]},"tools":{}}}}',
    );
    const { code, out } = await place.run(['remove', 'notes']);
    expect(code).toBe(0);
    const left = out.split('\n').filter((line) => line.startsWith('left: '));
    expect(left).toEqual([
      expect.stringContaining(`${folder}/notes.yaml is its policy`),
      expect.stringContaining('marshal.env has NOTES_KEY, which nothing else names'),
      expect.stringContaining(`${login} is a login to it`),
      expect.stringContaining('marshal.lock has its tools; mcp-marshal lock --update takes them out'),
      expect.stringContaining('the recipe today calls its tools'),
    ]);
    expect(out).not.toContain('canary');
    expect(text('marshal.env') + text('notes.yaml')).toContain('canary-1');
  });

  test('writes nothing with --dry-run, and shows what it would', async () => {
    write(mine);
    const { code, out } = await place.run(['remove', 'web', '--dry-run']);
    expect(code).toBe(0);
    expect(out).toContain('  -  # other\n  -  web: { url: "https://example.com/mcp" }\n');
    expect(text()).toBe(mine);
    const { data } = JSON.parse((await place.run(['remove', 'web', '--dry-run', '--json'])).out);
    expect(data).toMatchObject({ name: 'web', written: [] });
  });

  test('suggests the name that was probably meant, and how mcp-marshal is taken out of a client', async () => {
    write(mine);
    const shown = await Promise.all(['nots', 'cursor', 'zzz'].map((name) => place.run(['remove', name])));
    expect(shown.map(({ code }) => code)).toEqual([2, 2, 2]);
    expect(shown[0]?.err).toContain('did you mean notes?');
    expect(shown[1]?.err).toContain('write mcp-marshal install cursor --uninstall');
    expect(shown[2]?.err).toContain('write one of notes, web');
    expect(text()).toBe(mine);
  });

  test('takes out a server that keeps the configuration from loading', async () => {
    write(`${mine}  broken: { command: x, env: { KEY: "\${NOT_SET}" } }\n`);
    expect((await place.run(['check', '--offline'])).code).toBe(2);
    expect((await place.run(['remove', 'broken'])).code).toBe(0);
    expect(text()).toBe(mine);
    expect((await place.run(['check', '--offline'])).code).toBe(0);
  });
});
