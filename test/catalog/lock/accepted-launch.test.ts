import { describe, expect, test } from 'vitest';
import { acceptedLaunch } from '../../../src/catalog/lock/accepted-launch.ts';
import { compareLaunch } from '../../../src/catalog/lock/compare-launch.ts';
import type { Launch } from '../../../src/config/config.ts';

const launch = (...args: string[]): Launch => ({ command: 'sh', args, env: [] });

describe('a launch with a secret in a command line', () => {
  test.each([
    ['API_KEY=abc node good.js', 'API_KEY=abc node evil.js'],
    ['API_KEY=abc;good', 'API_KEY=abc;evil'],
    ["API_KEY='a b' node good.js", "API_KEY='a b' node evil.js"],
    ['API_KEY=abc node good.js', 'API_KEY="$(evil)" node good.js'],
  ])('%s is another one than %s', (before, after) => {
    expect(compareLaunch(acceptedLaunch(launch('-c', before)), launch('-c', after))).toEqual(['arguments']);
    expect(JSON.stringify(acceptedLaunch(launch('-c', before)))).not.toContain('abc');
  });

  test.each([
    ['--header', 'Authorization: Bearer SECRETSECRET12345678'],
    ['--env=GITHUB_TOKEN=ghp_abcdefghijklmNOPQRSTUVWXYZ0123456789', 'image'],
  ])('is written without it: %s %s', (...args) => {
    expect(JSON.stringify(acceptedLaunch(launch(...args)))).not.toMatch(/SECRETSECRET|ghp_abc/);
    expect(compareLaunch(acceptedLaunch(launch(...args)), launch(...args))).toEqual([]);
  });
});
