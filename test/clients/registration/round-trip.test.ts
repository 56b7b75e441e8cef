import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planEdit, planUndo } from '../../../src/clients/registration/plan-edit.ts';
import { traitsOf } from '../../../src/clients/registration/registration.ts';
import type { ClientTraits } from '../../../src/clients/registration/registration.ts';
import { serversIn, serverTextOf } from '../../../src/clients/registration/text/server-text.ts';

const entry = { command: '/usr/bin/node', args: ['/opt/main.js', 'serve', '--config', '/home/me/marshal.yaml'] };
const name = 'marshal';

/** Puts mcp-marshal in, and gives both texts. */
function install(
  text: string,
  traits: ClientTraits,
  originals: readonly string[] = [],
): { text: string; undo: () => string } {
  const edited = planEdit(text, { traits, name, entry, originals });
  if (!edited.ok) throw new Error(edited.reason);
  return {
    text: edited.text,
    undo() {
      const undone = planUndo(edited.text, { table: traits.table, switchOff: traits.switchOff, done: edited.done });
      if (!undone.ok) throw new Error(undone.reason);
      return undone.text;
    },
  };
}

const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/).filter((text) => text !== name);
const newline = fc.constantFrom('\n', '\r\n');
const unit = fc.constantFrom('  ', '    ', '\t');
const mark = fc.constantFrom('', '\uFEFF');

/** A client's JSON file as people write it: comments anywhere, a trailing comma or none, any indentation, both line ends. */
const jsonc = fc
  .record({
    servers: fc.uniqueArray(fc.record({ name: word, comment: word, behind: fc.boolean() }), {
      selector: (one) => one.name,
      maxLength: 4,
    }),
    trailing: fc.boolean(),
    hasTable: fc.boolean(),
    above: fc.boolean(),
    newline,
    unit,
    mark,
    end: fc.constantFrom('', '\n', '\n\n// the end\n'),
  })
  .map(({ servers, trailing, hasTable, above, newline: eol, unit: step, mark: bom, end }) => {
    const entries = servers.flatMap((one, index) => {
      const comma = index < servers.length - 1 || trailing ? ',' : '';
      const value = `{ "command": "node", "args": ["${one.comment}"] }`;
      const behind = one.behind ? ` // ${one.comment}, "quoted"` : '';
      return [`${step}${step}// ${one.comment} { [`, `${step}${step}"${one.name}": ${value}${comma}${behind}`];
    });
    const table = [`${step}"mcpServers": { /* all, of them */`, ...entries, `${step}}${trailing ? ',' : ''}`];
    const lines = [
      '{',
      ...(above ? [`${step}/* "a": 1, */ "other": [1, 2 /* two */]${hasTable || trailing ? ',' : ''}`] : []),
      ...(hasTable ? table : []),
      '}',
    ];
    return {
      text: bom + (lines.join('\n') + end).replaceAll('\n', eol),
      names: hasTable ? servers.map((one) => one.name) : [],
    };
  })
  // A comma needs something before it.
  .filter(({ text }) => serverTextOf({ format: 'json', path: ['mcpServers'] }).parse(text) !== undefined);

const toml = fc
  .record({
    servers: fc.uniqueArray(
      fc.record({
        name: word,
        comment: word,
        hasEnv: fc.boolean(),
        enabled: fc.constantFrom('', 'enabled = true  # yes\n'),
      }),
      {
        selector: (one) => one.name,
        maxLength: 4,
      },
    ),
    newline,
    mark,
    end: fc.constantFrom('', '\n', '\n# the end\n', '\n\n[tui]\ntheme = """\n[mcp_servers.marshal]\n"""\n'),
  })
  .map(({ servers, newline: eol, mark: bom, end }) => {
    const tables = servers.map((one) => {
      const env = one.hasEnv ? `\n[mcp_servers.${one.name}.env]\nTOKEN = '${one.comment}'\n` : '';
      return `# ${one.comment} [a]\n[mcp_servers.${one.name}] # here\n${one.enabled}command = "node"\nargs = [\n  "x",\n]\n${env}`;
    });
    const text = `model = "gpt" # ours\n\n${tables.join('\n')}${end}`;
    return { text: bom + text.replaceAll('\n', eol), names: servers.map((one) => one.name) };
  });

const yaml = fc
  .record({
    servers: fc.uniqueArray(fc.record({ name: word, comment: word }), { selector: (one) => one.name, maxLength: 4 }),
    indent: fc.constantFrom('', '  ', '    '),
    newline,
    end: fc.constantFrom('', '# the end\n', 'rules:\n  - be kind\n'),
  })
  .map(({ servers, indent, newline: eol, end }) => {
    const items = servers.map(
      (one) =>
        `${indent}# ${one.comment}\n${indent}- name: ${one.name} # it\n${indent}  command: node\n${indent}  args: ["${one.comment}"]\n`,
    );
    const list = servers.length === 0 ? '' : `mcpServers:\n${items.join('')}`;
    return {
      text: `name: mine\nschema: v1\n${list}${end}`.replaceAll('\n', eol),
      names: servers.map((one) => one.name),
    };
  });

const cases = [
  ['JSON with comments, switched off by taking out', jsonc, traitsOf('cursor', undefined)],
  ['JSON with comments, switched off by a key', jsonc, traitsOf('windsurf', undefined)],
  ['TOML', toml, traitsOf('codex', undefined)],
  ['YAML', yaml, traitsOf('continue', undefined)],
] as const;

describe.each(cases)('%s', (_title, texts, traits) => {
  const lines = (text: string): string[] => text.split(/\r?\n/).map((line) => line.trim().replaceAll(',', ''));

  test('of any file, registering keeps every line, comments included, and taking out gives it back to the last byte', () => {
    fc.assert(
      fc.property(texts, ({ text }) => {
        const installed = install(text, traits);
        const after = lines(installed.text);
        expect(lines(text).filter((line) => line !== '' && line !== '{}' && !after.includes(line))).toEqual([]);
        expect(serversIn(serverTextOf(traits.table).parse(installed.text)!, traits.table)[name]).toMatchObject(entry);
        expect(installed.undo()).toBe(text);
      }),
      { numRuns: 120 },
    );
  });

  test('of any file, originals that were switched off are on again afterwards, and everything else is as it was', () => {
    fc.assert(
      fc.property(texts, ({ text, names }) => {
        const installed = install(text, traits, names.slice(0, 2));
        const edit = serverTextOf(traits.table);
        const servers = serversIn(edit.parse(installed.text)!, traits.table);
        for (const original of names.slice(0, 2)) {
          if (traits.switchOff.how === 'take') expect(servers[original]).toBeUndefined();
          else expect(servers[original]).toMatchObject({ [traits.switchOff.key]: traits.switchOff.off });
        }
        // At the end of their list, where they were in the midst of it.
        const undone = edit.parse(installed.undo())!;
        const before = edit.parse(text)!;
        expect(serversIn(undone, traits.table)).toEqual(serversIn(before, traits.table));
        expect({ ...undone, mcpServers: 0 }).toMatchObject(
          traits.table.format === 'yaml' ? { ...before, mcpServers: 0 } : {},
        );
        if (traits.table.format !== 'yaml') expect(undone).toEqual(before);
      }),
      { numRuns: 120 },
    );
  });
});
