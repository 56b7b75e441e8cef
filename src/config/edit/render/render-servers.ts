import { Document, Scalar, YAMLMap, isMap, isSeq } from 'yaml';
import type { Node } from 'yaml';
import type { JsonObject } from '../../../core/json.ts';
import { toComment } from './to-comment.ts';

/** A server that is to be written, by the keys of the configuration; comments stand above it. */
export interface NewServer {
  name: string;
  entry: JsonObject;
  comments: readonly string[];
}

/** A configuration that is to be written for the first time. */
export interface NewConfig {
  heading: readonly string[];
  /** Name of the file of variables beside it. */
  envFile?: string;
  servers: readonly NewServer[];
}

/** The text of a configuration in a stable order. */
export function renderConfig({ heading, envFile, servers }: NewConfig): string {
  const document = new Document({ version: 1, ...(envFile !== undefined && { envFile }) });
  document.commentBefore = heading.map(toComment).join('\n');
  const key = new Scalar('servers');
  key.spaceBefore = true;
  const root = document.contents;
  if (!isMap(root)) throw new Error('a mapping was made and is none');
  root.items.push(document.createPair(key, toMap(servers)));
  return document.toString(style);
}

/** The same servers as a block that can stand below `servers:`, each line indented by `indent` blanks. */
export function renderServers(servers: readonly NewServer[], indent: number): string {
  const document = new Document(toMap(servers));
  const margin = ' '.repeat(indent);
  return document
    .toString(style)
    .split('\n')
    .map((line) => (line === '' ? line : margin + line))
    .join('\n');
}

// A folded line is one that nobody can search for.
const style = { lineWidth: 0, flowCollectionPadding: false } as const;

function toMap(servers: readonly NewServer[]): YAMLMap {
  const map = new YAMLMap();
  const document = new Document();
  for (const { name, entry, comments } of servers) {
    const key = new Scalar(name);
    if (comments.length > 0) key.commentBefore = comments.map(toComment).join('\n');
    key.spaceBefore = map.items.length > 0;
    const value: Node = document.createNode(entry);
    if (isMap(value)) {
      // Arguments are read as the one line that they are typed as.
      for (const { value: inner } of value.items) if (isSeq(inner)) inner.flow = true;
    }
    map.add({ key, value });
  }
  return map;
}
