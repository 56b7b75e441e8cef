import fc from 'fast-check';
import { parse as parseToml, stringify as stringifyToml } from 'smol-toml';
import type { TomlTable } from 'smol-toml';
import { expect, test } from 'vitest';
import { planEdit, planUndo } from '../../../src/clients/registration/plan-edit.ts';
import type { Edited } from '../../../src/clients/registration/plan-edit.ts';
import { traitsOf } from '../../../src/clients/registration/registration.ts';

const traits = traitsOf('codex', undefined);
const entry = { command: '/usr/bin/node', args: ['/opt/main.js', 'serve'], env: { A: 'b' }, tool_timeout_sec: 120 };
const name = 'marshal';

/** Names as TOML has them, and what they are. */
const keys: readonly (readonly [written: string, name: string])[] = [
  ['plain', 'plain'],
  ['"with blank"', 'with blank'],
  ["'dotted.name'", 'dotted.name'],
  ['"brack]et"', 'brack]et'],
  [String.raw`"quo\"te"`, 'quo"te'],
  ['"ünï"', 'ünï'],
  ['"marshal.not"', 'marshal.not'],
  ['marshal-2', 'marshal-2'],
];
const decoy = '[mcp_servers.marshal]\nenabled = true\n[mcp_servers.plain]';
const flags = ['', 'enabled = true\n', '  enabled=false # off\n', '"enabled" = true\n'];

/** Something under the root, which stands before all tables. */
const rootPart = fc.constantFrom(
  'model = "gpt" # ours',
  '# """ opens nothing, and [mcp_servers.marshal] is no table',
  "# ''' nor does this",
  `notes = """\n${decoy}\n"""`,
  `more = '''\n${decoy}\n'''`,
  'one = """in one line"""',
  'grid = [\n  [1, 2],\n  ["x"]\n]',
  'words = [\n  "a", # "b"\n  "[c]",\n]',
  'history.persistence = "none"',
  'point = { x = 1, y = { z = "]" } }',
);

const server = fc
  .record({
    key: fc.constantFrom(...keys),
    spaced: fc.boolean(),
    comment: fc.constantFrom('', ' # here', ' # [not.a.table]'),
    flag: fc.constantFrom(...flags),
    args: fc.constantFrom('["x"]', '[\n  "x",\n  "]"\n]', '["""\nenabled = true\n"""]'),
    env: fc.constantFrom('', 'inside', 'below', 'apart'),
  })
  .map(({ key: [written, is], spaced, comment, flag, args, env }) => {
    const header = spaced ? `[ mcp_servers . ${written} ]${comment}` : `[mcp_servers.${written}]${comment}`;
    const inside = env === 'inside' ? `env = { K = '${is.length}' }\n` : '';
    const table = `[mcp_servers.${written}.env]\nK = "v"\nenabled = "no switch"\n`;
    const body = `${header}\n${flag}command = "node"\nargs = ${args}\n${inside}`;
    return { is, body: env === 'below' ? `${body}\n${table}` : body, apart: env === 'apart' ? [table] : [] };
  });

const others = fc.constantFrom(
  '[[profiles]]\nname = "a"\n\n[[profiles]]\nname = "b"\n',
  `[tui]\ntheme = '''\n${decoy}'''\n`,
  '[projects."/home/me"]\ntrust_level = "trusted"\n',
  '  [indented]\n  a = 1\n',
);

const toml = fc
  .record({
    root: fc.uniqueArray(rootPart, { maxLength: 5 }),
    servers: fc.uniqueArray(server, { selector: ({ is }) => is, maxLength: 3 }),
    direct: fc.constantFrom('', '[mcp_servers]\ninl = { command = "x" }\ndot.command = "y"\ndot.args = ["z"]\n'),
    rest: fc.uniqueArray(others, { maxLength: 3 }),
    gap: fc.constantFrom('', '\n', '\n# between\n\n'),
    end: fc.constantFrom('', '\n', '\n\n', '\n# the end', '\n  '),
    newline: fc.constantFrom('\n', '\r\n'),
    mark: fc.constantFrom('', '\uFEFF'),
  })
  .map(({ root, servers, direct, rest, gap, end, newline, mark }) => {
    const tables = [direct, ...servers.map(({ body }) => body), ...rest, ...servers.flatMap(({ apart }) => apart)];
    const text = [...root, ...tables.filter((table) => table !== '')].join(`\n${gap}`).trimEnd() + end;
    return {
      text: mark + text.replaceAll('\n', newline),
      names: [...servers.map(({ is }) => is), ...(direct === '' ? [] : ['inl', 'dot'])],
    };
  });

function parse(text: string): TomlTable & { mcp_servers?: Record<string, object> } {
  return parseToml(text.replace(/^\uFEFF/, ''));
}

function undo(text: string, { done }: Extract<Edited, { ok: true }>): string {
  const undone = planUndo(text, { table: traits.table, switchOff: traits.switchOff, done });
  if (!undone.ok) throw new Error(`${undone.reason}; ${undone.fix}`);
  return undone.text;
}

test('of any TOML, registering changes our entry and the switches, and taking out gives it back to the last byte', () => {
  let switched = 0;
  fc.assert(
    fc.property(toml, ({ text, names }) => {
      const before = parse(text);
      const edited = planEdit(text, { traits, name, entry, originals: names });
      if (!edited.ok) throw new Error(edited.reason);
      const off = edited.done.switched.map((one) => [one.name, { ...before.mcp_servers?.[one.name], enabled: false }]);
      switched += off.length;
      expect(parse(edited.text)).toEqual({
        ...before,
        mcp_servers: { ...before.mcp_servers, ...Object.fromEntries(off), [name]: entry },
      });
      expect(undo(edited.text, edited)).toBe(text);
    }),
    { numRuns: 300 },
  );
  // Else none of it was about switches.
  expect(switched).toBeGreaterThan(20);
});

test('of any TOML that its client has written anew since, taking out gives back what it said', () => {
  fc.assert(
    fc.property(toml, fc.boolean(), ({ text, names }, isWhole) => {
      const edited = planEdit(text, { traits, name, entry, originals: names });
      if (!edited.ok) throw new Error(edited.reason);
      const later = isWhole ? stringifyToml(parse(edited.text)) : `${edited.text}\n[later]\na = 1\n`;
      expect(parse(undo(later, edited))).toEqual({ ...parse(text), ...(!isWhole && { later: { a: 1 } }) });
    }),
    { numRuns: 300 },
  );
});
