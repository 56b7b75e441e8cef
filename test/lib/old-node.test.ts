import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { oldNodeMessage } from '../../src/lib/old-node.ts';

const { engines } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

describe('a Node that is too old is named, with the one that is needed', () => {
  test.each(['18.20.8', '20.18.3', '16.0.0'])('%s', (version) => {
    const message = oldNodeMessage(version, '/opt/node');
    expect(message).toContain(`/opt/node is ${version}`);
    expect(`>=${/needs Node (\S+)/.exec(message ?? '')?.[1]}`).toBe(engines.node);
  });

  test.each(['20.19.0', '20.20.2', '22.0.0', '24.1.0', '100.0.0'])('%s is not', (version) => {
    expect(oldNodeMessage(version, '/opt/node')).toBeUndefined();
  });
});
