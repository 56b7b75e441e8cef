import type { Grammar, GrammarOption, GrammarValue } from './grammar.ts';

/** What may stand where the cursor is. */
export interface Place {
  command: Grammar;
  /** What is typed of the word, without `stem`. */
  typed: string;
  /** What of the word stands already, and is part of what is offered: `--svg=`. */
  stem: string;
  /** The value of this option, and nothing else. */
  option?: GrammarOption & { value: GrammarValue };
  /** What stands there by its place. */
  argument?: GrammarValue;
  /** Whether commands may stand there, or options. */
  takesCommands: boolean;
  takesOptions: boolean;
  /** Arguments before it. */
  given: readonly string[];
  /** Options before it that have a value, by their long name: `--config`. */
  values: ReadonlyMap<string, string>;
}

/** Reads words as the program would; the last of them is the one with the cursor, and empty where a new one begins. */
export function readWords(grammar: Grammar, words: readonly string[]): Place {
  const current = words.at(-1) ?? '';
  let command = grammar;
  let awaited: GrammarOption | undefined;
  let isPlain = false;
  const given: string[] = [];
  const values = new Map<string, string>();
  const set = (option: GrammarOption, value: string): void => void values.set(option.names.at(-1) ?? '', value);

  for (const word of words.slice(0, -1)) {
    const inner = given.length === 0 && !isPlain ? command.commands.find(({ name }) => name === word) : undefined;
    if (awaited !== undefined && (awaited.value?.isRequired === true || !word.startsWith('-'))) {
      set(awaited, word);
      awaited = undefined;
    } else if (!isPlain && word === '--') {
      isPlain = true;
      awaited = undefined;
    } else if (!isPlain && word.startsWith('-') && word !== '-') {
      const [name, ...rest] = word.split('=');
      const option = optionOf(command, name ?? '');
      awaited = rest.length === 0 && option?.value !== undefined ? option : undefined;
      if (option?.value !== undefined && rest.length > 0) set(option, rest.join('='));
    } else if (inner !== undefined) {
      command = inner;
      awaited = undefined;
    } else {
      given.push(word);
    }
  }
  const place = { command, typed: current, stem: '', given, values, takesCommands: false, takesOptions: false };
  if (awaited?.value?.isRequired === true) return { ...place, option: { ...awaited, value: awaited.value } };
  const [, name = '', typed = ''] = /^(--[\w-]+)=(.*)$/su.exec(current) ?? [];
  const assigned = isPlain ? undefined : optionOf(command, name);
  if (assigned?.value !== undefined) {
    return { ...place, typed, stem: `${name}=`, option: { ...assigned, value: assigned.value } };
  }
  const argument = argumentAt(command, given.length);
  return {
    ...place,
    takesCommands: given.length === 0 && !isPlain,
    takesOptions: !isPlain && current.startsWith('-'),
    ...(argument !== undefined && { argument }),
    // An option that need not have a value: it, or what would stand there without it.
    ...(awaited?.value !== undefined && { option: { ...awaited, value: awaited.value } }),
  };
}

function optionOf({ options }: Grammar, name: string): GrammarOption | undefined {
  return options.find(({ names }) => names.includes(name));
}

function argumentAt({ arguments: known }: Grammar, index: number): GrammarValue | undefined {
  const last = known.at(-1);
  return known[index] ?? (last?.isVariadic === true ? last : undefined);
}
