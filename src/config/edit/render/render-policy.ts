import { Document, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import type { Rule } from '../../policy.ts';
import { toComment } from './to-comment.ts';

/** A line of a list, and what a reader should know of it. */
export interface NotedLine {
  list: Rule['list'];
  pattern: string;
  note?: string;
}

/** A policy that is to be written for the first time. */
export interface NewPolicy {
  server: string;
  /** Lines of the comment at the top. */
  heading: readonly string[];
  lines: readonly NotedLine[];
  /** By exact name, for names that are no patterns. */
  tools: readonly { tool: string; class: string; note?: string }[];
}

const titles: Partial<Record<Rule['list'], string>> = {
  read: 'They only read, and run in parallel.',
  write: 'They change something, and keep their order.',
  destructive: 'They destroy something or cannot be taken back: each call in a batch needs approval.',
  deny: 'They may not be called.',
  ask: 'They need approval.',
  allow: 'They need no approval.',
};
const order: readonly Rule['list'][] = ['read', 'write', 'destructive', 'deny', 'ask', 'allow'];

/** The text of a policy of a server's own, in a stable order and with its notes as comments. Hints may make it stricter, and never laxer. */
export function renderPolicy({ server, heading, lines, tools }: NewPolicy): string {
  const document = new Document({ version: 1, server });
  const root = document.contents;
  if (!(root instanceof YAMLMap)) throw new Error('a mapping was made and is none');
  document.commentBefore = heading.map(toComment).join('\n');
  const add = (key: string, value: unknown, title?: string): void => {
    const name = new Scalar(key);
    name.spaceBefore = title !== undefined;
    if (title !== undefined) name.commentBefore = toComment(title);
    root.add(document.createPair(name, value));
  };
  add('annotations', 'tighten', 'What is not listed below: hints can make a tool stricter, and never laxer.');
  add('unannotated', 'write');
  for (const list of order) {
    const items = lines.filter((line) => line.list === list).map(({ pattern, note }) => noted(pattern, note));
    if (items.length === 0) continue;
    const sequence = new YAMLSeq();
    sequence.items = items;
    add(list, sequence, titles[list]);
  }
  if (tools.length > 0) {
    const map = new YAMLMap();
    for (const { tool, class: toolClass, note } of tools) {
      const entry = new YAMLMap();
      entry.add({ key: 'class', value: noted(toolClass, note) });
      map.add({ key: new Scalar(tool), value: entry });
    }
    add('tools', map, 'Names that would be patterns in a list.');
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

function noted(value: string, note: string | undefined): Scalar {
  const scalar = new Scalar(value);
  if (note !== undefined) scalar.comment = toComment(note);
  return scalar;
}
