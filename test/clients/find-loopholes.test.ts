import { describe, expect, test } from 'vitest';
import type { ClientId, ClientMode } from '../../src/clients/client.ts';
import { findLoopholes } from '../../src/clients/find-loopholes.ts';
import type { LoopholeContext } from '../../src/clients/find-loopholes.ts';
import { claudeRule, clientServer, namesOf } from './rules-of.ts';

const registered = clientServer('claude-code', 'marshal', { command: 'mcp-marshal', args: ['serve'] });
const asking: LoopholeContext['unruled'] = { batch: 'ask', passthrough: 'ask' };
const passing: LoopholeContext['unruled'] = { batch: 'ask', passthrough: 'allow' };

function find(
  found: Partial<Parameters<typeof findLoopholes>[0]>,
  {
    unruled = passing,
    servers = [registered],
  }: { unruled?: LoopholeContext['unruled']; servers?: (typeof registered)[] } = {},
): { level: string; message: string; fix?: string }[] {
  const context = { names: namesOf(servers), exposed: new Map(), unruled, file: 'marshal.yaml' };
  return findLoopholes({ rules: [], modes: [], ...found }, context);
}

function mode(client: ClientId): ClientMode {
  return { client, written: 'everything', place: { file: 'settings.json', line: 1, column: 1 } };
}

describe('rules under which nobody is asked', () => {
  test.each(['marshal', 'marshal__*', 'mcp-marshal', 'marshal__github__*', 'marshal__*_issue'])(
    'mcp__%s is a warning while mcp-marshal counts on the client to ask',
    (name) => {
      const [found, ...others] = find({ rules: [claudeRule('allow', name)] });
      expect(others).toEqual([]);
      expect(found).toMatchObject({
        level: 'warning',
        message: expect.stringContaining('so nobody is asked'),
        fix: expect.stringContaining('approvals: { passthrough: ask } in marshal.yaml'),
      });
    },
  );

  test('is no more than a note where mcp-marshal asks itself, and there is nothing to mend', () => {
    const [found] = find({ rules: [claudeRule('allow', 'marshal')] }, { unruled: asking });
    expect(found).toMatchObject({ level: 'note', message: expect.stringContaining('approvals.passthrough: ask') });
    expect(found).not.toHaveProperty('fix');
  });

  test('an allow of batch_call is a note, since each call is decided by itself, and a warning where that is switched off', () => {
    const rules = [claudeRule('allow', 'marshal__batch_call')];
    expect(find({ rules })).toMatchObject([{ level: 'note' }]);
    expect(find({ rules }, { unruled: { batch: 'allow', passthrough: 'ask' } })).toMatchObject([{ level: 'warning' }]);
    expect(find({ rules: [claudeRule('allow', 'marshal__batch_read')] })).toEqual([]);
  });

  test('an allow with a pattern for its server is one that Claude Code does not take', () => {
    expect(find({ rules: [claudeRule('allow', '*')] })).toMatchObject([{ level: 'note', fix: 'take it out' }]);
  });

  test('a mode that asks nothing is a warning in a client that has mcp-marshal, and a note in one that has not', () => {
    expect(find({ modes: [mode('claude-code')] })).toMatchObject([{ level: 'warning' }]);
    expect(find({ modes: [mode('zed')] })).toMatchObject([{ level: 'note' }]);
  });

  test('rules that ask, deny, name one tool, or are about other servers are none', () => {
    const rules = [
      claudeRule('ask', 'marshal'),
      claudeRule('deny', 'marshal'),
      claudeRule('allow', 'marshal__github__delete_repository'),
      claudeRule('allow', 'github'),
      claudeRule('allow', 'weather__*'),
    ];
    expect(find({ rules })).toEqual([]);
  });
});
