import { clientIds, clientTitles } from '../../clients/client.ts';
import type { ClientId } from '../../clients/client.ts';
import type { Candidate, Offer } from './candidate.ts';
import type { Grammar, GrammarValue } from './grammar.ts';
import { readWords } from './read-words.ts';
import type { Place } from './read-words.ts';
import { kindOf } from './value-kinds.ts';
import type { ValueKind } from './value-kinds.ts';

/** What is known of a set-up without connecting to anything. Each may reject; then nothing is offered. */
export interface Sources {
  tools(): Promise<readonly Candidate[]>;
  /** `key=`, or the values of one where the schema lists them. */
  toolArguments(tool: string, typed: string): Promise<readonly Candidate[]>;
  batches(): Promise<readonly Candidate[]>;
  servers(): Promise<readonly Candidate[]>;
}

/** The words that can stand where the cursor is; `openSources` is given what the words before say of configuration and state. */
export async function completeWords(
  grammar: Grammar,
  words: readonly string[],
  openSources: (place: Place) => Sources,
): Promise<Offer> {
  const place = readWords(grammar, words);
  const { typed, stem } = place;
  const offer = await offerAt(grammar, place, () => openSources(place));
  return {
    ...offer,
    candidates: offer.candidates
      .filter(({ value }) => value.startsWith(typed))
      .map(({ value, description }) => ({ value: stem + value, description })),
  };
}

async function offerAt(grammar: Grammar, place: Place, open: () => Sources): Promise<Offer> {
  const { command, option, argument, takesCommands, takesOptions } = place;
  const fromOption =
    option === undefined
      ? nothing
      : await valuesOf(option.value, { at: option.names.at(-1) ?? '', grammar, place, open });
  const commands = takesCommands && !takesOptions ? command.commands.map(toCandidate) : [];
  const options = takesOptions ? optionsOf(command) : [];
  const fromArgument =
    takesOptions || argument === undefined
      ? nothing
      : await valuesOf(argument, { at: argument.name, grammar, place, open });
  const mode = fromOption.mode ?? fromArgument.mode;
  return {
    candidates: [...fromOption.candidates, ...commands, ...options, ...fromArgument.candidates],
    ...(mode !== undefined && { mode }),
  };
}

const nothing: Offer = { candidates: [] };

async function valuesOf(
  value: GrammarValue,
  { at, grammar, place, open }: { at: string; grammar: Grammar; place: Place; open: () => Sources },
): Promise<Offer> {
  const { command, given, typed } = place;
  if (value.choices.length > 0)
    return { candidates: value.choices.map((choice) => ({ value: choice, description: '' })) };
  const clients = clientIds.map(toClient);
  const offers: Record<ValueKind, () => Promise<Offer> | Offer> = {
    file: () => ({ candidates: [], mode: 'files' }),
    folder: () => ({ candidates: [], mode: 'folders' }),
    tool: async () => ({ candidates: await open().tools() }),
    'tool-argument': async () => ({ candidates: await open().toolArguments(given[0] ?? '', typed), mode: 'open' }),
    batch: async () => ({ candidates: await open().batches() }),
    server: async () => ({ candidates: await open().servers() }),
    client: () => ({ candidates: clients }),
    'client-or-file': () => ({ candidates: clients, mode: 'files' }),
    hooked: () => ({ candidates: [toClient('claude-code')] }),
    command: () => ({ candidates: commandsBelow(grammar, given).map(toCandidate) }),
  };
  const kind = kindOf(`${command.path} ${at}`, value);
  return kind === undefined ? nothing : offers[kind]();
}

function toClient(id: ClientId): Candidate {
  return { value: id, description: clientTitles[id] };
}

function commandsBelow(grammar: Grammar, names: readonly string[]): readonly Grammar[] {
  const found = names.reduce<Grammar | undefined>(
    (command, name) => command?.commands.find((inner) => inner.name === name),
    grammar,
  );
  return found?.commands ?? [];
}

function optionsOf({ options }: Grammar): Candidate[] {
  // Who types one dash sees the long name too, which says what it does.
  return options.flatMap(({ names, description }) => names.map((value) => ({ value, description })));
}

function toCandidate({ name, description }: Grammar): Candidate {
  return { value: name, description };
}
