import { describe, expect, test } from 'vitest';
import { reportBatch } from '../../../src/cli/journal/batch-report.ts';
import { totalTools } from '../../../src/cli/journal/tool-totals.ts';
import { renderBatchPage } from '../../../src/cli/picture/batch-page.ts';
import { renderTotalsPage } from '../../../src/cli/picture/totals-page.ts';
import type { LoggedBatch, LoggedCall } from '../../../src/core/journal.ts';
import { batchOf, callOf, startMs } from '../journal/fake-journal.ts';
import { reported, reportedCalls } from '../journal/reported.ts';
import { readMarkup } from './read-markup.ts';

const version = '1.2.3';

function pageOf(batch: LoggedBatch, calls: readonly LoggedCall[]): string {
  return renderBatchPage(reportBatch(batch, { calls, now: startMs + 5_000 }), { version });
}

function totalsOf(calls: readonly LoggedCall[]): string {
  return renderTotalsPage({ calls, totals: totalTools(calls), batches: 1 }, { version });
}

/** The cells of the rows of the page's tables. */
function rowsOf(page: string): string[] {
  return readMarkup(page)
    .filter(({ name }) => name === 'tr')
    .map(({ text }) => text);
}

const hostile = [
  { name: 'a script', text: '<script>alert(1)</script>' },
  { name: 'an end of an attribute', text: '"><img src=x onerror=alert(1)>' },
  { name: 'another attribute', text: "' onmouseover='alert(1)" },
  { name: 'ends of what it stands in', text: '</style></svg></table><iframe src="https://example.com">' },
  { name: 'text that turns around', text: '\u202egnp.exe' },
  { name: 'control characters', text: 'a\u0000b\u001b[2Jc' },
  { name: 'markup that is escaped already', text: '&lt;script&gt;' },
  { name: '100,000 characters', text: 'n'.repeat(100_000) },
];

describe('the page of a batch', () => {
  test('says first what somebody must look after, then how each call ended and why', () => {
    const page = pageOf(reported, reportedCalls);
    const text = readMarkup(page).find(({ name }) => name === 'main')?.text ?? '';
    const order = [
      'batch 7f3a91: 4 calls',
      'took2.4 s',
      'effect unknown: 1 call',
      'warning: c1: its record',
      'Critical path',
      'Calls',
    ];
    expect(order.map((words) => text.indexOf(words))).toEqual(
      order.map((words) => text.indexOf(words)).toSorted((a, b) => a - b),
    );
    expect(order.filter((words) => !text.includes(words))).toEqual([]);
    expect(rowsOf(page).filter((row) => row.startsWith('c'))).toEqual([
      'c0github__get_issuereadokno0 ms312 ms1',
      'c1files__write_filewritetimeoutunknown400 ms2 s1no answer within 2 s; it may still take effect',
      'c2github__get_issuereadtool_errorno405 ms90 ms1',
      'c3github__get_issuereadinvalidno0 ms0unknown_tool: no such tool',
    ]);
  });

  test('loads nothing and runs nothing, and has the browser see to it', () => {
    const page = pageOf(reported, reportedCalls);
    const elements = readMarkup(page);
    const policy = elements.find(({ attributes }) => attributes['http-equiv'] === 'Content-Security-Policy');
    expect(policy?.attributes['content']).toBe(
      "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
    );
    expect(elements.filter(({ name }) => ['script', 'link', 'img', 'iframe', 'a', 'form'].includes(name))).toEqual([]);
    expect(
      elements
        .flatMap(({ attributes }) => Object.keys(attributes))
        .filter((name) => /^(?:on|src|href|style)/.test(name)),
    ).toEqual([]);
    expect(page.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:/);
  });

  test('has the drawing, a dark form and one for paper', () => {
    const page = pageOf(reported, reportedCalls);
    expect(readMarkup(page).some(({ attributes }) => attributes['role'] === 'img')).toBe(true);
    expect(page).toMatch(/@media screen and \(prefers-color-scheme:dark\)\{:root/);
    expect(page).toContain('@media print');
  });

  test.each(hostile)(
    'is well-formed, and short, whatever a server calls a tool or says in an error: $name',
    ({ text }) => {
      const result = {
        id: 'c0',
        tool: text,
        server: text,
        class: text,
        reason: text,
        status: 'failed',
        attempts: 1,
        startedMs: 0,
        queuedMs: 0,
        runMs: 1,
        waitedFor: [text],
        error: { code: text, message: text },
      };
      const report = {
        batchId: text,
        results: [result],
        timing: { wallMs: 1, serialMs: 1, lowerBoundMs: 1, bound: text, criticalPath: ['c0', text], peakParallel: 1 },
        warnings: [text],
      };
      const page = pageOf(batchOf({ batchId: text, principal: text, tool: text, calls: 1, report }), []);
      const names = new Set(readMarkup(page).map(({ name }) => name));
      expect(['script', 'img', 'iframe'].filter((name) => names.has(name))).toEqual([]);
      expect(page.length).toBeLessThan(20_000);
    },
  );

  test('covers what looks like a secret in the words of an error', () => {
    const secret = 'ghp_' + 'a1B2'.repeat(9);
    const page = pageOf(reported, [callOf({ status: 'failed', message: secret })]);
    expect(page).not.toContain(secret);
    const own = pageOf(batchOf({}), [
      callOf({ status: 'failed', code: 'upstream_error', message: `refused: ${secret}` }),
    ]);
    expect(own).toContain('refused: ');
    expect(own).not.toContain(secret);
  });

  test('of a batch whose process has gone says so, and how far it was', () => {
    const page = pageOf(batchOf({ calls: 5, status: 'interrupted' }), [
      callOf(),
      callOf({ atMs: 400, callId: 'c1', status: 'interrupted', applied: 'unknown', class: 'write' }),
    ]);
    expect(page).toContain('interrupted, since the process that ran it ended');
    expect(page).toContain('<dt>at least</dt>');
    expect(page).toContain('3 calls left no record');
    expect(rowsOf(page).some((row) => row.includes('interrupted'))).toBe(true);
    readMarkup(page);
  });

  test('of a batch that still runs in the background shows what has ended and what has not', () => {
    const page = pageOf(batchOf({ status: 'running' }), [callOf(), callOf({ callId: 'c1', status: 'running' })]);
    expect(page).toContain('still running when this was written');
    expect(rowsOf(page).some((row) => row.startsWith('c1') && row.includes('running'))).toBe(true);
    readMarkup(page);
  });

  test('of a batch without a call in the journal is still a page', () => {
    expect(readMarkup(pageOf(batchOf({ status: 'interrupted' }), [])).some(({ name }) => name === 'h1')).toBe(true);
  });

  test('shows each element of a list under its call, and of very many says how many more there are', () => {
    const calls = Array.from({ length: 4_000 }, (_, index) => callOf({ callId: `each[${index}]` }));
    const page = pageOf(batchOf({ calls: 1 }), calls);
    expect(page).toContain('<tr class="element"><td class="mono">each[2998]</td>');
    expect(page).toContain('1,001 more rows');
    expect(page.length).toBeLessThan(1_500_000);
  });
});

describe('the page of all calls', () => {
  const calls = [
    callOf({ runMs: 100 }),
    callOf({ atMs: 60_000, runMs: 300 }),
    callOf({ atMs: 7_200_000, server: 'files', tool: 'write_file', status: 'failed', runMs: 900 }),
  ];

  test('has for each tool how many calls there were, how many were not ok, and how long they took', () => {
    const page = totalsOf(calls);
    expect(rowsOf(page).slice(1)).toEqual(['files__write_file11900 ms900 ms', 'github__get_issue20100 ms300 ms']);
    expect(page).toContain('<h1>3 calls of 2 tools</h1>');
  });

  test('has bars as long as the numbers are', () => {
    const strips = readMarkup(totalsOf(calls)).filter(
      ({ name, attributes }) => name === 'rect' && attributes['rx'] === '1',
    );
    // files__write_file: 1 call of at most 2, which failed; 900 ms of at most 900. github__get_issue: 2 calls; up to 300 ms, half of them 100.
    expect(strips.map(({ attributes }) => attributes['width'])).toEqual([
      '70',
      '70',
      '140',
      '140',
      '140',
      '46.7',
      '15.6',
    ]);
  });

  test('shows when there were how many', () => {
    const history = readMarkup(totalsOf(calls)).filter(({ name, text }) => name === 'title' && / calls?, /.test(text));
    expect(history.map(({ text }) => text.replace(/^.*: /, ''))).toEqual(['2 calls, 0 not ok', '1 call, 1 not ok']);
  });

  test('is the same size for a year of calls as for a day, and a page where there are none', () => {
    const many = Array.from({ length: 20_000 }, (_, index) => callOf({ atMs: index * 1_500_000 }));
    expect(totalsOf(many).length).toBeLessThan(30_000);
    expect(readMarkup(totalsOf([])).some(({ text }) => text === 'no calls are recorded')).toBe(true);
  });

  test.each(hostile)('is well-formed whatever tools are called: $name', ({ text }) => {
    const page = totalsOf([callOf({ server: text, tool: text })]);
    expect(readMarkup(page).some(({ name }) => name === 'script')).toBe(false);
    expect(page.length).toBeLessThan(10_000);
  });
});
