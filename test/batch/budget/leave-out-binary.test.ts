import { describe, expect, test } from 'vitest';
import { describeLeftOut, leaveOutBinary } from '../../../src/batch/budget/leave-out-binary.ts';

const image = (chars: number) => ({ type: 'image', data: 'A'.repeat(chars), mimeType: 'image/png' });

describe('the images and files of a reply', () => {
  test('have 5 MB together, the first come first served', () => {
    const [a, b, c] = [image(3e6), image(3e6), image(1e6)];
    expect(leaveOutBinary([[a], [], [b, c]])).toEqual([new Set(), new Set(), new Set([b])]);
  });

  test('that two calls share are never left out of both', () => {
    const shared = image(3e6);
    expect(leaveOutBinary([[shared], [shared]])).toEqual([new Set(), new Set([shared])]);
    const small = image(1e6);
    expect(leaveOutBinary([[small], [small]])).toEqual([new Set(), new Set()]);
  });
});

describe('what is said of one that was left out', () => {
  const shown = 'image/png, 3.0 MB, left out: one reply holds 5 MB of images and files; ';
  const again = 'batch_await batchId 7f3a91 id c0';

  test('leads to where it can be seen', () => {
    const block = image(3e6);
    expect(describeLeftOut(block, { siblings: [block], again })).toBe(`${shown}${again} shows it`);
  });

  test('leads to the tool itself where nothing else would show it', () => {
    const [first, second] = [image(3e6), image(3e6)];
    expect(describeLeftOut(second, { siblings: [first, second], again })).toBe(`${shown}call the tool by itself`);
    expect(describeLeftOut(first, { siblings: [first], again: undefined })).toBe(`${shown}call the tool by itself`);
  });
});
