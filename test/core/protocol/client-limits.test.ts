import { describe, expect, test } from 'vitest';
import { clientIds, clientTitles } from '../../../src/clients/client.ts';
import { limitsOfClient, maxToolNameChars, shortNameLengths } from '../../../src/core/protocol/client-limits.ts';

describe('the limits of a client', () => {
  test.each([...clientIds])('are known for %s, under our id and its title', (id) => {
    expect(limitsOfClient(id)).toMatchObject({ client: id, title: clientTitles[id] });
    expect(limitsOfClient(clientTitles[id])).toBe(limitsOfClient(id));
  });

  test.each([
    ['claude-ai', 'claude-desktop'],
    ['claude-ai (via mcp-remote 0.1.37)', 'claude-desktop'],
    ['cursor-vscode', 'cursor'],
    ['cursor-vscode (via mcp-remote 0.1.18)', 'cursor'],
    ['Visual Studio Code', 'vscode'],
    ['Visual Studio Code - Insiders', 'vscode'],
    ['Windsurf', 'windsurf'],
    ['windsurf-client', 'windsurf'],
    ['codex-mcp-client', 'codex'],
    ['gemini-cli-mcp-client', 'gemini-cli'],
    ['gemini-cli-mcp-client-marshal', 'gemini-cli'],
    ['Zed', 'zed'],
    ['Roo Code', 'roo'],
    ['continue-client', 'continue'],
    ['github-copilot-developer', 'copilot-cli'],
  ])('are found by what it calls itself: %s is %s', (name, id) => {
    expect(limitsOfClient(name)?.client).toBe(id);
  });

  test.each(['', 'constructor', 'somebody', 'cursorish', 'my-claude-code', 'x'.repeat(10_000)])(
    'are none for %s',
    (name) => {
      expect(limitsOfClient(name)).toBeUndefined();
    },
  );
});

describe('how long a name may be', () => {
  test('counts what the client puts before it', () => {
    const charsOf = (client: string, server?: string) => maxToolNameChars(limitsOfClient(client)!, server);
    expect(charsOf('claude-code')).toBe(128 - 'mcp__marshal__'.length);
    expect(charsOf('cursor')).toBe(60 - 'marshal:'.length);
    expect(charsOf('cursor', 'my-tools')).toBe(60 - 'my-tools:'.length);
    expect(charsOf('vscode', 'a-server-with-a-long-name')).toBe(64 - 'mcp_a-server-with_'.length);
    expect(charsOf('opencode')).toBeUndefined();
  });

  test('is among the lengths to which names are cut, wherever it is less than ours have', () => {
    expect(new Set(shortNameLengths())).toEqual(new Set([50, 51, 52, 53]));
  });
});
