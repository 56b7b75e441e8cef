import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ClientId } from '../../../src/clients/client.ts';
import { clientIds } from '../../../src/clients/client.ts';
import { convertText } from '../../../src/clients/entry/convert-text.ts';
import { entryForms } from '../../../src/clients/entry/entry-forms.ts';
import type { ExpansionPlace } from '../../../src/clients/entry/variable-syntax.ts';
import { expandText } from '../../../src/config/variables/expand-text.ts';

const place: Omit<ExpansionPlace, 'client'> = {
  home: '/home/ann',
  workspace: '/src/app',
  directory: '/home/ann/.cfg',
  isWindows: false,
  isOfAllFolders: false,
  asked: new Map([
    ['tracker-key', { meaning: 'Key of the tracker' }],
    ['region', { meaning: 'Region', fallback: 'eu' }],
    ['odd', { meaning: 'Odd', fallback: 'a}b${c' }],
  ]),
};

function convert(
  client: ClientId,
  text: string,
  changed: Partial<ExpansionPlace> = {},
): ReturnType<typeof convertText> {
  return convertText(text, entryForms[client].syntax, { ...place, ...changed, client });
}

/** A text as our configuration reads it, with every variable set to its own name in small letters. */
async function expanded(text: string): Promise<string> {
  const read = await expandText(text, {
    lookup: (name) => name.toLowerCase(),
    readFile: async (path) => ({ text: `<${path}>` }),
  });
  return read.ok ? read.text : read.reasons.join();
}

describe("a client's variables become ours", () => {
  test.each<[ClientId, string, string]>([
    ['claude-code', 'Bearer ${TOKEN}', 'Bearer ${TOKEN}'],
    ['claude-code', '${ROOT:-/srv/a b}/x', '${ROOT:-/srv/a b}/x'],
    ['gemini-cli', 'Bearer $TOKEN', 'Bearer ${TOKEN}'],
    ['gemini-cli', '${A}$B/${C:-d}', '${A}${B}/${C:-d}'],
    ['copilot-cli', '$HOME/x', '${HOME}/x'],
    ['cursor', '${env:TOKEN}', '${TOKEN}'],
    ['cursor', '${userHome}${/}.cache', '/home/ann/.cache'],
    ['cursor', '${workspaceFolder}/a:${workspaceFolderBasename}${pathSeparator}', '/src/app/a:app/'],
    ['vscode', '${workspaceFolder:api}/x', '/src/app/x'],
    ['vscode', '${input:tracker-key}', '${TRACKER_KEY}'],
    ['vscode', '${input:region}', '${INPUT_REGION:-eu}'],
    ['vscode', '${input:odd}', '${INPUT_ODD}'],
    ['vscode', '${input:path}', '${INPUT_PATH}'],
    ['vscode', '${config:python.path} ${command:pick}', '${CONFIG_PYTHON_PATH} ${COMMAND_PICK}'],
    ['vscode', '${env:ProgramFiles(x86)}', '${ENV_PROGRAMFILES_X86}'],
    ['windsurf', '${env:A}${file:/run/secrets/b}', '${A}${file:/run/secrets/b}'],
    ['windsurf', '${file:~/b}', '${file:/home/ann/b}'],
    ['cline', '${env:A}', '${A}'],
    ['roo', '${env:A}${workspaceFolder}', '${A}/src/app'],
    ['opencode', 'Bearer {env:KEY}', 'Bearer ${KEY}'],
    ['opencode', '{file:./key}{file:/abs}{file:~/k}', '${file:/home/ann/.cfg/key}${file:/abs}${file:/home/ann/k}'],
    ['continue', '${{ secrets.KEY }}/${{inputs.region}}', '${KEY}/${region}'],
  ])('%s: %s', (client, written, ours) => {
    expect(convert(client, written)).toMatchObject({ text: ours, reasons: [] });
  });

  test('those that a person is asked for, or that only the client knows, are named with their meaning', () => {
    expect(convert('vscode', '${input:tracker-key}${config:a.b}').inputs).toEqual([
      { variable: 'TRACKER_KEY', meaning: 'Key of the tracker' },
      { variable: 'CONFIG_A_B', meaning: 'what vscode puts in for config:a.b' },
    ]);
    expect(convert('continue', '${{ secrets.org/block/KEY }}').inputs).toEqual([
      { variable: 'ORG_BLOCK_KEY', meaning: 'the secret org/block/KEY of Continue' },
    ]);
  });

  test('a default that holds another variable, and a $ before a variable, are lost and said to be', () => {
    expect(convert('claude-code', '${A:-${B}')).toMatchObject({
      text: '${A}',
      reasons: [expect.stringMatching('default')],
    });
    expect(convert('cursor', 'x$${env:A}')).toMatchObject({
      text: 'x${A}',
      reasons: [expect.stringMatching(/a \$ stands/)],
    });
  });

  test('the open folder is one of many only where the file is for all of them', () => {
    expect(convert('cursor', '${workspaceFolder}').reasons).toEqual([]);
    expect(convert('cursor', '${workspaceFolder}', { isOfAllFolders: true }).reasons).toHaveLength(1);
  });

  test('Windows has its own separator', () => {
    const windows = { isWindows: true, workspace: 'C:\\src\\app', home: 'C:\\Users\\ann' };
    expect(convert('vscode', '${userHome}${/}${workspaceFolderBasename}', windows).text).toBe('C:\\Users\\ann\\app');
    expect(convert('windsurf', '${file:~\\k}', windows).text).toBe('${file:C:\\Users\\ann\\k}');
  });
});

describe('what a client does not expand stays as it is', () => {
  test.each<[ClientId, string]>([
    ['claude-desktop', '${TOKEN} $X {env:Y} $${Z}'],
    ['zed', '${env:X}'],
    ['codex', '${X:-y}'],
    ['claude-code', '$USER ${env:X} ${file:/etc/passwd} ${} ${1}'],
    ['gemini-cli', '${env:X} {env:X} $5 $$'],
    ['cursor', '${TOKEN} ${input:x} ${file:/etc/passwd} ${'],
    ['vscode', '${TOKEN} $TOKEN'],
    ['roo', '${userHome}'],
    ['cline', '${workspaceFolder} ${A:-b}'],
    ['windsurf', '${userHome} $A'],
    ['opencode', '${A} $B'],
    ['continue', '${A} ${{ other.X }}'],
  ])('%s: %s', async (client, written) => {
    const { text, inputs, reasons } = convert(client, written);
    expect([await expanded(text), inputs, reasons]).toEqual([written, [], []]);
  });

  test('whatever a text without variables holds, our configuration reads it as the client does', async () => {
    const signs = ['$', '{', '}', ':', '-', '/', 'a', 'A', ' ', 'env', 'file', '$${', '\\'];
    const text = fc.string({ unit: fc.constantFrom(...signs), maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(text, async (written) => {
        expect(await expanded(convert('zed', written).text)).toBe(written);
      }),
    );
  });

  test('no text of any client becomes one that our configuration refuses', async () => {
    const signs = [
      '$',
      '{',
      '}',
      '${',
      '{{',
      ':-',
      'env:',
      'input:',
      'secrets.',
      'A',
      'b-c',
      ' ',
      '{env:',
      '{file:',
      '/',
    ];
    const text = fc.string({ unit: fc.constantFrom(...signs), maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...clientIds), text, async (client, written) => {
        const read = await expandText(convert(client, written).text, {
          lookup: () => 'x',
          readFile: async () => ({ text: 'x' }),
        });
        expect(read.ok).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
