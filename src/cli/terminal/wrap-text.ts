import { cutText, textWidth } from './text-width.ts';

/**
 * Text as lines of at most `width` columns, broken at spaces, and inside a word only where it is wider than a line. Line ends of the
 * text are kept. Every line but the first is indented by `indent` columns.
 */
export function wrapText(text: string, { width, indent }: { width: number; indent: number }): string[] {
  const lines: string[] = [];
  const margin = (): string => (lines.length === 0 ? '' : ' '.repeat(indent));
  for (const paragraph of text.split('\n')) {
    let line = margin();
    for (const word of paragraph.split(' ')) {
      let rest = line.trim() === '' ? word : ` ${word}`;
      if (line.trim() !== '' && textWidth(line) + textWidth(rest) > width) {
        lines.push(line);
        line = margin();
        rest = word;
      }
      while (textWidth(line) + textWidth(rest) > width) {
        const piece = cutText(rest, width - textWidth(line), '');
        if (piece === '') break;
        lines.push(line + piece);
        line = margin();
        rest = rest.slice(piece.length);
      }
      line += rest;
    }
    lines.push(line.trimEnd());
  }
  return lines;
}
