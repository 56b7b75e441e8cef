import type { GrammarValue } from './grammar.ts';

/** What a value is, where the grammar's choices do not say it. */
export type ValueKind =
  | 'file'
  | 'folder'
  | 'tool'
  | 'tool-argument'
  | 'batch'
  | 'server'
  | 'client'
  | 'client-or-file'
  | 'hooked'
  | 'command';

/** By the name that the help gives a value. */
const byName: Readonly<Record<string, ValueKind>> = {
  file: 'file',
  folder: 'folder',
  batch: 'batch',
  server: 'server',
  client: 'client',
  'client|file': 'client-or-file',
};

/** Where that name says too little: the command, and the argument or the option of it. */
export const byPlace: Readonly<Record<string, ValueKind>> = {
  'call name': 'tool',
  'call arguments': 'tool-argument',
  'tools explain name': 'tool',
  'tools explain arguments': 'tool-argument',
  'add --policy': 'file',
  'log --batch': 'batch',
  'log --server': 'server',
  'log --tool': 'tool',
  'lock --update': 'server',
  // It answers others too, with a question, so the grammar refuses none.
  'hook client': 'hooked',
  'help command': 'command',
};

/** What a value is; `place` is the path of its command, and the name of the argument or the long name of the option. */
export function kindOf(place: string, { name }: GrammarValue): ValueKind | undefined {
  return byPlace[place] ?? byName[name];
}
