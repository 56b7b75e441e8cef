import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { join } from 'node:path';
import { createCliHome } from './run-in-home.ts';
import type { CliHome } from './run-in-home.ts';

const configText = 'version: 1\nlock: none\nservers: { github: { url: "https://example.com/mcp" } }\n';
// The user's own: it is found wherever a client starts us.
const configFile = 'home/.config/mcp-marshal/marshal.yaml';

let place: CliHome;
beforeEach(() => {
  place = createCliHome();
  place.write(configFile, configText);
});
afterEach(() => place.remove());

const marshal = { command: 'mcp-marshal', args: ['serve'] };

describe('doctor, of rules under which nobody is asked,', () => {
  test('is content with clients that ask, and ends with 0', async () => {
    place.write('home/.claude.json', JSON.stringify({ mcpServers: { marshal } }));
    place.write('home/.claude/settings.json', JSON.stringify({ permissions: { allow: ['mcp__marshal__batch_read'] } }));
    const { code, out, err } = await place.run(['doctor', '--offline']);
    expect(out).toContain('Claude Code: 2 files, mcp-marshal is among its servers as marshal\n');
    expect(out).toMatch(/\n0 problems, 0 warnings, 0 notes\n$/);
    expect({ code, err }).toEqual({ code: 0, err: '' });
  });

  // Each client's own way of letting everything through.
  test.each([
    ['home/.claude/settings.json', '{\n"permissions":{"allow":["mcp__marshal"]}}', 'mcp__marshal', 2],
    ['project/.claude/settings.local.json', '{"permissions":{"allow":["mcp__marshal__*"]}}', 'mcp__marshal__*', 1],
    [
      'home/.codex/config.toml',
      '[mcp_servers.marshal]\ncommand="mcp-marshal"\ndefault_tools_approval_mode = "approve"',
      'marshal.default_tools_approval_mode',
      3,
    ],
    [
      'home/.codex/config.toml',
      'approval_policy="never"\nsandbox_mode="danger-full-access"\n[mcp_servers.marshal]\ncommand="mcp-marshal"',
      'approval_policy',
      1,
    ],
    [
      'home/.gemini/settings.json',
      '{"mcpServers":{"marshal":{"command":"mcp-marshal","trust":true}}}',
      'mcpServers.marshal.trust: true',
      1,
    ],
    ['home/.gemini/policies/x.toml', '[[rule]]\nmcpName="*"\ndecision="allow"', 'rule *: allow', 1],
    [
      'home/.cline/data/settings/cline_mcp_settings.json',
      '{"mcpServers":{"marshal":{"command":"mcp-marshal","autoApprove":["*"]}}}',
      'marshal.autoApprove *',
      1,
    ],
    [
      'home/.config/zed/settings.json',
      '{"agent":{"tool_permissions":{"default":"allow"}},"context_servers":{"marshal":{"command":"mcp-marshal"}}}',
      'agent.tool_permissions.default: allow',
      1,
    ],
    [
      'home/.config/zed/settings.json',
      '{"agent":{"always_allow_tool_actions":true},"context_servers":{"m":{"command":"npx","args":["mcp-marshal"]}}}',
      'always_allow_tool_actions',
      1,
    ],
  ])('warns of %s: %s', async (name, text, written, line) => {
    const file = place.write(name, text);
    const { code, out } = await place.run(['doctor', '--offline']);
    expect(out).toContain(`warning: ${file}:${line}:`);
    expect(out).toContain(written);
    expect(out).toContain('so nobody is asked');
    expect(out).toContain(`write approvals: { passthrough: ask } in ${join(place.path, configFile)}`);
    expect(code).toBe(1);
    // With the mend that it names, what was found is no warning any more.
    place.write(configFile, `${configText}approvals: { passthrough: ask }\n`);
    const mended = await place.run(['doctor', '--offline']);
    expect(mended.code).toBe(0);
    expect(mended.out).toContain(`note: ${file}:${line}:`);
  });

  test('says of a client that has no mcp-marshal that its modes do not matter yet', async () => {
    place.write('home/.claude/settings.json', '{"permissions":{"defaultMode":"bypassPermissions"}}');
    const { code, out } = await place.run(['doctor', '--offline']);
    expect(code).toBe(0);
    expect(out).toContain('note: ');
    expect(out).toContain('Claude Code: 1 file, mcp-marshal is not among its servers\n');
  });

  test('--json says it for programs', async () => {
    place.write('home/.claude/settings.json', '{"permissions":{"allow":["mcp__marshal"]}}');
    const { code, out } = await place.run(['doctor', '--offline', '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      version: 1,
      data: {
        configuration: join(place.path, configFile),
        clients: [{ client: 'claude-code', isRegistered: false }],
        findings: [
          { level: 'warning', about: 'claude-code', written: 'mcp__marshal', place: { line: 1, column: 26 } },
          { level: 'note', code: 'not-registered', about: 'claude-code' },
        ],
      },
    });
  });
});
