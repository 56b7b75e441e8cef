import type { Brush } from '../terminal/paint.ts';
import { cutText, textWidth } from '../terminal/text-width.ts';

/** A part of a line. */
export interface Piece {
  text: string;
  brush?: Brush | undefined;
}

/** Pieces side by side in at most `width` columns, coloured after cutting, so that a colour is never left open. */
export function joinPieces(width: number, pieces: readonly Piece[]): string {
  let room = width;
  let line = '';
  for (const { text, brush } of pieces) {
    const cut = cutText(text, room, '');
    room -= textWidth(cut);
    line += brush === undefined || cut === '' ? cut : brush(cut);
  }
  return line.trimEnd();
}

/** Columns of the widest of these. */
export function widestOf(texts: readonly string[]): number {
  return texts.reduce((width, text) => Math.max(width, textWidth(text)), 0);
}
