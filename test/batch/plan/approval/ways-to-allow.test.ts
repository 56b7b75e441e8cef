import { expect, test } from 'vitest';
import { waysToAllow } from '../../../../src/batch/plan/approval/ways-to-allow.ts';
import type { CallRoute } from '../../../../src/core/verdict.ts';
import { catalog } from '../../tiny-catalog.ts';

test.each<[what: string, tool: string, given: { route: CallRoute; isFlow?: true }, ways: object]>([
  [
    'a destructive call of a batch runs by itself, or where a rule allows it',
    'files__delete_file',
    { route: 'batch' },
    {
      alone: 'call files__delete_file by itself, outside a batch',
      mend: 'add delete_file to "allow:" in files.yaml',
    },
  ],
  [
    'one that a rule asks about runs where the rule is gone, on no way before',
    'github__create_release',
    { route: 'batch' },
    { mend: 'take it out of "ask:" and add it to "allow:" in github.yaml' },
  ],
  [
    'a call by itself runs where a rule allows it',
    'files__delete_file',
    { route: 'passthrough' },
    { mend: 'add delete_file to "allow:" in files.yaml' },
  ],
  [
    'one that the flow rule asks about is waived by no allow, and runs on no other way',
    'files__delete_file',
    { route: 'batch', isFlow: true },
    { mend: 'take what matches delete_file out of "exfiltrates:" in files.yaml' },
  ],
])('%s', (_, tool, { route, isFlow = false }, ways) => {
  const entry = catalog.byExposedName.get(tool)!;
  expect(waysToAllow(entry, { args: { path: 'a' }, route, isFlow })).toEqual(ways);
});
