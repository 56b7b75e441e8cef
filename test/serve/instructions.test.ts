import { describe, expect, test } from 'vitest';
import { ownToolNames } from '../../src/batch/own-tools.ts';
import { instructionsFor } from '../../src/serve/instructions.ts';
import type { Setup } from '../../src/serve/setup.ts';
import { engineWith, toolsNamed } from './find/many-tools.ts';
import { stubEngine } from './stub-engine.ts';

function told(instructions: Record<string, string | undefined>, naming: 'prefixed' | 'bare' = 'prefixed'): string {
  const offers = Object.fromEntries(
    Object.entries(instructions).map(([server, text]) => [server, text === undefined ? {} : { instructions: text }]),
  );
  return instructionsFor(stubEngine({ servers: Object.keys(instructions), offers, naming }).engine);
}

const own = told({ files: undefined });

test('what every session is told is short, and names every tool of ours and how to chain calls', () => {
  expect(own.length).toBeLessThan(1_200);
  for (const word of [...ownToolNames, 'reference', 'forEach']) expect(own).toContain(word);
});

describe('what servers say of themselves', () => {
  test('follows what we say, a paragraph for each that says something, in the order of the configuration', () => {
    const text = told({ mail: 'Ask before\nyou send.', notes: undefined, files: 'Paths are absolute.' });
    expect(text).toBe(`${own}\n\nmail: Ask before you send.\n\nfiles: Paths are absolute.`);
  });

  test('is cut where there is no room for it, at the end of a sentence', () => {
    const sentence = `${'word '.repeat(9)}ends. `;
    const [, paragraph = ''] = told({ files: sentence.repeat(20) }).split('\n\nfiles: ');
    expect(paragraph).toMatch(/ends\.…$/);
    expect(paragraph.length).toBeGreaterThan(300);
    expect(paragraph.length).toBeLessThanOrEqual(600);
  });

  test('is shared fairly: who says little says it whole, and none speaks so long that another is not heard', () => {
    const text = told({
      long: 'A long story. '.repeat(100),
      files: 'Paths are absolute.',
      other: 'Another story. '.repeat(50),
    });
    expect(text).toContain('\n\nfiles: Paths are absolute.\n\n');
    expect(text).toMatch(/\n\nlong: A long story\..*…\n/);
    expect(text).toMatch(/\n\nother: Another story\..*…$/);
  });

  test('is cut at the end of a word where no sentence ends near, and in the middle of one that never ends', () => {
    expect(told({ files: 'abcdefg '.repeat(100) })).toMatch(/abcdefg…$/);
    const endless = told({ files: '😀'.repeat(400) }).split('\n\nfiles: ')[1] ?? '';
    expect(endless).toMatch(/^(😀)+…$/u);
    expect(endless.length).toBeGreaterThan(300);
  });

  test('is at most 1,500 characters with ours, however many servers there are', () => {
    const many = Array.from({ length: 40 }, (_, index) => [`server${index}`, 'What it says. '.repeat(30)]);
    const text = told(Object.fromEntries(many));
    expect(text).toContain('server0: What');
    expect(text.length).toBeLessThanOrEqual(1_500);
    expect(text.length).toBeGreaterThan(1_400);
  });

  test('loses control characters, and what turns text around or hides it', () => {
    expect(told({ files: 'a\u0000b\u001b[31mc\u202Ed\u{E0041}e\u0085f' })).toMatch(/files: ab\[31mcdef$/);
  });

  test('keeps its lines for a server that stands alone under its own names, up to 1,500 characters with ours', () => {
    const long = `First.\n\n* one\n* two\n${'A long story. '.repeat(15)}end`;
    expect(told({ files: long }, 'bare').endsWith(`\n\n${long}`)).toBe(true);
    expect(told({ files: long }, 'prefixed')).toContain('First. * one * two A long');
    expect(told({ files: 'x. '.repeat(3_000) }, 'bare').length).toBeLessThanOrEqual(1_500);
  });

  test('is not missed where there is nothing to say', () => {
    expect(told({ files: ' \n' }, 'bare')).not.toMatch(/\n$/);
    expect(told({ files: '', mail: '\u0007' })).toBe(own);
  });
});

test('a client whose credentials allow no call of a server is not told of it, unless it has more than tools', () => {
  const vault = [{ name: 'delete_key', inputSchema: { type: 'object' } }];
  const policy = { destructive: ['delete_*'] };
  const servers = { files: toolsNamed('read'), vault, library: vault };
  const offers = {
    files: { instructions: 'Files are here.' },
    vault: { instructions: 'Keys are here.' },
    library: { instructions: 'Books are here.', capabilities: { resources: {} } },
  };
  const engine = engineWith(servers, { policy, surface: 'find', offers });
  expect(instructionsFor(engine)).toContain('Servers: files, vault, library.');
  const text = instructionsFor(engine, new Set(['read']));
  expect(text).toContain('Servers: files, library.');
  expect(text).not.toMatch(/vault|Keys/);
});

describe('where tools are not listed', () => {
  const onSurface = (surface: Setup['surface'], servers: readonly string[]) => {
    const { engine } = stubEngine({
      servers,
      offers: Object.fromEntries(servers.map((server) => [server, { instructions: 'What it says. '.repeat(30) }])),
    });
    return instructionsFor({ ...engine, setup: () => ({ ...engine.setup(), surface }) });
  };

  test('a model is told of tools_find, of the servers, and of what to call with', () => {
    expect(onSurface('find', ['files', 'mail'])).toMatch(
      /tools_find .* with batch_call or batch_read\. Servers: files, mail\./,
    );
    expect(onSurface('batch-only', ['files'])).toMatch(
      /tools_find .* with batch_call or batch_read only\. Servers: files\./,
    );
    expect(onSurface('passthrough', ['files'])).not.toContain('tools_find');
  });

  test('it is at most 1,500 characters, however many servers there are', () => {
    const text = onSurface(
      'find',
      Array.from({ length: 200 }, (_, index) => `a-server-with-a-name-${index}`),
    );
    expect(text).toContain('Servers: a-server-with-a-name-0, ');
    expect(text.length).toBeLessThanOrEqual(1_500);
  });
});
