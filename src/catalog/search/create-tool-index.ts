import MiniSearch from 'minisearch';
import type { Tool } from '../../core/tool.ts';
import { fitTexts } from './fit-texts.ts';
import { rankTools, type Scores } from './rank-tools.ts';
import { inFull, meaningsOf } from './same-words.ts';
import { splitWords } from './split-words.ts';
import { stemWord } from './stem-word.ts';
import { stopWords } from './stop-words.ts';
import { toolTextOf, type ToolText } from './tool-text.ts';

/** A tool, or a recipe, as it can be found. */
export interface SearchableTool {
  /** Under which it is called. No two have the same. */
  exposedName: string;
  /** Its own name, without its server. */
  name: string;
  server: string;
  tool: Tool;
}

/** Finds tools by what they do. Immutable: a changed catalogue has an index of its own. */
export interface ToolIndex {
  /** The exposed names of tools that a query could mean, best first; of those that `isVisible`. */
  search(query: string, isVisible: (exposedName: string) => boolean): string[];
}

/** More tools than anybody has. The others are found by their names alone: an index takes a tenth of a millisecond for each. */
const maxTools = 10_000;
/** A question of more words says nothing more, and each costs. */
const maxQueryWords = 40;
const maxQueryChars = 1_000;
/** Words are looked for in other spellings one by one, each in the whole index: nobody misspells more of them. */
const maxMisspelt = 6;

/** Reads all tools once: some ten milliseconds for 300. */
export function createToolIndex(tools: readonly SearchableTool[]): ToolIndex {
  const known = new Set<string>();
  // Tools of one server say the same words over and over.
  const termsOfWords = new Map<string, string[]>();
  const index = new MiniSearch<ToolText & { id: string }>({
    fields: Object.keys(weights),
    tokenize: (text) => splitWords(text).flatMap(inFull),
    processTerm(word) {
      const seen = termsOfWords.get(word);
      if (seen !== undefined) return seen;
      const stem = stemWord(word);
      const terms = [stem, ...meaningsOf(stem)];
      for (const term of terms) known.add(term);
      termsOfWords.set(word, terms);
      return terms;
    },
  });
  const indexed = tools.slice(0, maxTools);
  const texts = fitTexts(indexed.map(({ tool, ...named }) => toolTextOf(tool, named)));
  index.addAll(texts.map((text, position) => ({ id: indexed[position]!.exposedName, ...text })));
  termsOfWords.clear();
  return {
    search(query, isVisible) {
      const stems = stemsOfQuery(query);
      // A word that some tool has is meant as it stands: what only begins like it, or is spelt like it, is another one.
      const isUnknown = (stem: string): boolean => !known.has(stem);
      // So is one that means what some tool does, though none has it: "trash" is no misspelt "crash".
      const isStrange = (stem: string): boolean => isUnknown(stem) && meaningsOf(stem).every(isUnknown);
      const misspelt = new Set(stems.filter((stem) => stem.length >= 5 && isStrange(stem)).slice(0, maxMisspelt));
      const scoresOf = (term: string): Scores => {
        const found = index.search(term, {
          tokenize: (text) => [text],
          processTerm: (text) => text,
          boost: weights,
          prefix: term.length >= 3 && isStrange(term),
          fuzzy: misspelt.has(term) ? 0.2 : false,
          maxFuzzy: 2,
          filter: ({ id }) => isVisible(id),
        });
        return new Map(found.map(({ id, score }) => [String(id), score]));
      };
      return rankTools(
        stems.map((stem) => [
          { weight: 1, scores: scoresOf(stem) },
          ...meaningsOf(stem)
            .filter((meaning) => known.has(meaning))
            .map((meaning) => ({ weight: meaningWeight, scores: scoresOf(meaning) })),
        ]),
        indexed.length,
      );
    },
  };
}

/**
 * A tool is what its name and the first sentence about it say; the rest tells what it is not as well, and of an argument's words only few
 * are about what the tool does.
 */
const weights: Record<keyof ToolText, number> = {
  name: 4,
  title: 1,
  lead: 3,
  description: 0.7,
  arguments: 0.3,
  server: 1.5,
};
/** Of a word that means the same, beside the word itself. */
const meaningWeight = 0.7;

/** Without the words that say nothing, unless it has no others. */
function stemsOfQuery(query: string): string[] {
  const words = splitWords(query.slice(0, maxQueryChars)).flatMap(inFull);
  const telling = words.filter((word) => !stopWords.has(word));
  const stems = (telling.length > 0 ? telling : words).map(stemWord);
  return [...new Set(stems)].slice(0, maxQueryWords);
}
