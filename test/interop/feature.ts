import { readFileSync } from 'node:fs';
import { isJsonObject } from '../../src/core/json.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { until } from '../upstream/support.ts';
import type { ClientKind, Era, InteropClient, Target } from './clients/interop-client.ts';

export interface Upstream {
  sdk: 'version 1' | 'version 2';
  /** The era that it speaks with whatever stands before it. */
  era: Era;
  transport: Target['transport'];
}

/** A client and a server, with the proxy between them or without. */
export interface Pair {
  client: ClientKind;
  clientEra: Era;
  clientTransport: Target['transport'];
  upstream: Upstream;
  isProxied: boolean;
}

/** A row of the matrix. */
export interface Feature {
  /** What a user is promised, after "a client …". */
  promise: string;
  /** Why the protocol has no such thing for this pair; `undefined` where it has. */
  excludes?: (pair: Pair) => string | undefined;
  run: (client: InteropClient, expectations: Expectations) => Promise<void>;
}

/** A line of the file in which an upstream writes down what it has seen and done; see servers/peer/record.mjs. */
export interface Recorded {
  event: 'request' | 'effect' | 'cancelled' | 'waiting' | 'notification';
  key?: string;
  method?: string;
  params?: JsonObject;
  headers?: Record<string, string>;
}

/** What a row knows beside its client. */
export interface Expectations {
  pair: Pair;
  /** A word that no other row and no other client uses, to find one's own calls again. */
  newKey: () => string;
  records: () => Recorded[];
  /** `tools/call` requests that arrived at the upstream with this argument `key`. */
  callsOf: (key: string) => Recorded[];
  countOf: (event: Recorded['event'], key: string) => number;
  /** Waits until the upstream has written this down. */
  untilRecorded: (event: Recorded['event'], key: string) => Promise<void>;
}

export function createExpectations(pair: Pair, recordFile: string): Expectations {
  const records = (): Recorded[] => {
    const lines = readFileSync(recordFile, 'utf8').split('\n');
    // The last line is empty, or is being written.
    return lines.slice(0, -1).map((line): Recorded => JSON.parse(line));
  };
  const countOf: Expectations['countOf'] = (event, key) =>
    records().filter((record) => record.event === event && (record.key ?? record.params?.['key']) === key).length;
  return {
    pair,
    newKey: () => `key-${(lastKey += 1)}`,
    records,
    callsOf: (key) =>
      records().filter(({ event, method, params }) => {
        const args = params?.['arguments'];
        return event === 'request' && method === 'tools/call' && isJsonObject(args) && args['key'] === key;
      }),
    countOf,
    untilRecorded: (event, key) => until(() => countOf(event, key) > 0, recordWithinMs),
  };
}

// Across all clients of a test file: they may share an upstream.
let lastKey = 0;
const recordWithinMs = 5_000;

/** The text of a result's first content block. */
export function textOf({ content }: JsonObject): string {
  const first = Array.isArray(content) ? content[0] : undefined;
  if (!isJsonObject(first) || typeof first['text'] !== 'string')
    throw new Error(`no text in ${JSON.stringify(content)}`);
  return first['text'];
}

/** A result without what the modern era adds to every one: its type, and who answered. */
export function bare({ resultType: _resultType, _meta, ...rest }: JsonObject): JsonObject {
  if (!isJsonObject(_meta)) return rest;
  const { 'io.modelcontextprotocol/serverInfo': _serverInfo, ...meta } = _meta;
  return Object.keys(meta).length > 0 ? { ...rest, _meta: meta } : rest;
}

/** All pages of a list, as they came. */
export async function readPages(client: InteropClient, method: string): Promise<JsonObject[]> {
  const pages: JsonObject[] = [];
  let cursor: JsonObject = {};
  for (;;) {
    const answer = await client.send(method, cursor);
    if ('error' in answer) throw new Error(`${method} was answered with ${JSON.stringify(answer.error)}`);
    pages.push(answer.result);
    const { nextCursor } = answer.result;
    if (nextCursor === undefined) return pages;
    if (pages.length > maxPages) throw new Error(`${method} has no last page`);
    cursor = { cursor: nextCursor };
  }
}

// The longest list has four, and a few more when rows have added to it.
const maxPages = 50;

/** All entries of a list. */
export async function readList(client: InteropClient, method: string): Promise<JsonObject[]> {
  const field = listFields[method] ?? method;
  const pages = await readPages(client, method);
  return pages.flatMap(({ [field]: entries }) => (Array.isArray(entries) ? entries.filter(isJsonObject) : []));
}

const listFields: Record<string, string> = {
  'tools/list': 'tools',
  'resources/list': 'resources',
  'resources/templates/list': 'resourceTemplates',
  'prompts/list': 'prompts',
};
