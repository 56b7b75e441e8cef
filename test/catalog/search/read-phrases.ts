/** What somebody asks for, and the tools of which any is right. */
export type Phrase = readonly [phrase: string, ...wanted: string[]];

/** A phrase and its tools a line: `new repo = github__create_repository, gitlab__create_repository`. */
export function readPhrases(lines: string): readonly Phrase[] {
  return lines
    .trim()
    .split('\n')
    .map((line) => {
      const [phrase = '', wanted = ''] = line.split(' = ');
      return [phrase, ...wanted.split(', ')];
    });
}
