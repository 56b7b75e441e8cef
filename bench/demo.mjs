// `npm run demo`: the main job on real servers. Starts mcp-marshal as a client would, with the filesystem, memory and everything
// servers on a temporary folder, sends one batch, draws what ran, and compares with the same calls made one by one. With `-- --save`
// it also renews docs/images: the times of this run, and the drawing of them that the README shows.
import { isatty } from 'node:tty';
import { execFileSync } from 'node:child_process';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { formatMs } from '../build/batch/reply/format-amount.js';
import { readReply } from '../build/cli/batch-reply.js';
import { renderGanttSvg } from '../build/cli/picture/gantt-svg.js';
import { renderGantt } from '../build/cli/render/gantt.js';
import { createPaint } from '../build/cli/terminal/paint.js';
import { packageFile, serverProgram } from './servers.mjs';

const folder = await mkdtemp(join(tmpdir(), 'marshal-demo-'));
try {
  const batch = await measure('batch', (client, files) => {
    const calls = [...demoCalls(files), ...demoChain(files)];
    return client.callTool({ name: 'batch_call', arguments: { calls, format: 'structured' } });
  });
  const oneByOne = await measure('one-by-one', async (client, files) => {
    let roundTrips = 0;
    const call = (tool, args) => {
      roundTrips += 1;
      return client.callTool({ name: tool, arguments: args }).catch(() => {});
    };
    for (const { tool, arguments: args } of demoCalls(files)) await call(tool, args);
    await chainByHand(files, call);
    return roundTrips;
  });
  if (process.argv.includes('--save')) await save(batch.answer);
  show(batch.answer, { batchMs: batch.tookMs, oneByOneMs: oneByOne.tookMs, roundTrips: oneByOne.answer });
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Runs `use` against a proxy with fresh servers on an empty folder of their own. */
async function measure(name, use) {
  const files = join(folder, name);
  await mkdir(files, { recursive: true });
  const config = join(folder, `${name}.yaml`);
  await writeFile(config, configuration({ files, state: join(folder, 'state') }));
  const client = new Client({ name: 'demo', version: '1.0.0' });
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [packageFile('dist/main.js'), 'serve', '--config', config],
    }),
  );
  try {
    const { tools } = await client.listTools();
    if (name === 'batch') {
      const upstreamTools = tools.filter((tool) => tool.name.includes('__'));
      const servers = new Set(upstreamTools.map((tool) => tool.name.split('__')[0]));
      console.log(
        `One MCP server in front of ${servers.size} (${[...servers].join(', ')}): ${upstreamTools.length} tools, and batch_call.\n`,
      );
    }
    const startMs = performance.now();
    const answer = await use(client, files);
    return { answer, tookMs: performance.now() - startMs };
  } finally {
    await client.close();
  }
}

/** JSON is YAML, and spares the quoting. */
function configuration({ files, state }) {
  return JSON.stringify({
    version: 1,
    stateDir: state,
    log: { level: 'error' },
    servers: {
      files: { ...serverProgram('filesystem', [files]), policy: 'builtin:filesystem' },
      memory: {
        ...serverProgram('memory'),
        env: { MEMORY_FILE_PATH: join(files, 'memory.jsonl') },
        policy: 'builtin:memory',
      },
      everything: { ...serverProgram('everything'), policy: 'builtin:everything' },
    },
  });
}

function demoCalls(files) {
  const file = (name) => join(files, name);
  const call = (tool, args) => ({ tool, arguments: args });
  const slow = (duration) => call('everything__trigger-long-running-operation', { duration, steps: 2 });
  return [
    // Slow calls first and last: they touch nothing, so everything else runs beside them.
    slow(0.2),
    call('files__write_file', { path: file('plan.md'), content: '# Plan\nship it\n' }),
    call('files__read_text_file', { path: file('plan.md') }),
    call('files__edit_file', { path: file('plan.md'), edits: [{ oldText: 'ship it', newText: 'shipped' }] }),
    call('files__read_text_file', { path: file('plan.md') }),
    call('files__write_file', { path: file('notes.md'), content: 'first note\n' }),
    call('files__read_text_file', { path: file('notes.md') }),
    call('files__write_file', { path: file('todo.md'), content: 'one more thing\n' }),
    call('files__move_file', { source: file('todo.md'), destination: file('done.md') }),
    call('files__read_text_file', { path: file('done.md') }),
    call('files__read_text_file', { path: file('missing.md') }),
    call('memory__create_entities', {
      entities: [{ name: 'marshal', entityType: 'program', observations: ['orders calls'] }],
    }),
    call('memory__add_observations', {
      observations: [{ entityName: 'marshal', contents: ['keeps results in place'] }],
    }),
    call('memory__open_nodes', { names: ['marshal'] }),
    call('everything__echo', { message: 'hello' }),
    call('everything__get-sum', { a: 19, b: 23 }),
    call('everything__get-tiny-image', {}),
    call('github__no_such_tool', {}),
    slow(0.12),
    slow(0.12),
    call('files__list_directory', { path: files }),
  ];
}

/** Each of these needs what the one before it has brought. */
function demoChain(files) {
  const summary = join(files, 'summary.txt');
  return [
    { id: 'found', tool: 'files__search_files', arguments: { path: files, pattern: '*.md' } },
    {
      id: 'read',
      tool: 'files__read_text_file',
      forEach: { $result: 'found', view: 'lines' },
      arguments: { path: { $item: '' } },
    },
    {
      tool: 'files__write_file',
      arguments: { path: summary, content: { $concat: ['Summary\n', { $result: 'read', view: 'text' }] } },
    },
    { tool: 'files__read_text_file', arguments: { path: summary } },
  ];
}

async function chainByHand(files, call) {
  const summary = join(files, 'summary.txt');
  const textOf = ({ content }) => content[0].text;
  const found = textOf(await call('files__search_files', { path: files, pattern: '*.md' })).split('\n');
  let content = 'Summary\n';
  for (const path of found) content += textOf(await call('files__read_text_file', { path }));
  await call('files__write_file', { path: summary, content });
  await call('files__read_text_file', { path: summary });
}

function show(result, { batchMs, oneByOneMs, roundTrips }) {
  const reply = readReply(result);
  for (const { id, status, tool, runMs, result: said, items, error } of reply.calls) {
    const text =
      error?.message ??
      (items === undefined
        ? said?.content.map((block) => block.text ?? `[${block.type}]`).join(' ')
        : `${items.length} elements`) ??
      '';
    console.log(
      `${id.padEnd(5)} ${status.padEnd(10)} ${formatMs(runMs).padStart(7)}  ${tool.padEnd(42)} ${oneLine(text)}`,
    );
  }
  const isTerminal = isatty(1);
  const look = {
    width: isTerminal ? process.stdout.columns : 110,
    unicode: true,
    paint: createPaint({ color: isTerminal }),
  };
  console.log(`\n${renderGantt(reply, look).join('\n')}\n`);
  const counts = Object.entries(result.structuredContent.counts).filter(([, count]) => count > 0);
  const count = reply.calls.length;
  console.log(
    `One batch: ${count} calls (${counts.map(([status, calls]) => `${calls} ${status}`).join(', ')}) in ${formatMs(batchMs)}, one round trip.`,
  );
  console.log(
    `One by one through the same proxy: ${formatMs(oneByOneMs)}, ${roundTrips} round trips, ${(oneByOneMs / batchMs).toFixed(1)} times as long; a model's turn for each comes on top.`,
  );
}

/** What the drawing is made from, and nothing else: what was sent and answered is of no use to it. */
async function save(result) {
  const { batchId, calls, timing } = readReply(result);
  const drawn = { batchId, calls: calls.map(pictured), timing };
  const images = packageFile('docs/images');
  await mkdir(images, { recursive: true });
  const times = join(images, 'demo.json');
  await writeFile(times, JSON.stringify(drawn));
  execFileSync(packageFile('node_modules/.bin/oxfmt'), [times]);
  await writeFile(join(images, 'demo.svg'), renderGanttSvg(drawn));
}

function pictured({
  id,
  tool,
  class: toolClass,
  status,
  attempts,
  startedMs,
  queuedMs,
  runMs,
  waitedFor,
  items,
  error,
}) {
  return {
    id,
    tool,
    class: toolClass,
    status,
    attempts,
    startedMs,
    queuedMs,
    runMs,
    waitedFor,
    ...(items !== undefined && { items: items.map(pictured) }),
    ...(error !== undefined && { error: { code: error.code } }),
  };
}

function oneLine(text) {
  const line = text.replaceAll(folder, '').replaceAll(/\s+/g, ' ').trim();
  return line.length > 50 ? `${line.slice(0, 49)}…` : line;
}
