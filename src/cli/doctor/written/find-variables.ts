import type { Place } from '../../../core/place.ts';
import type { Source } from '../../../config/source/source.ts';
import { serverTexts } from './server-texts.ts';

/** A variable without which a server cannot be started. */
export interface NeededVariable {
  name: string;
  /** The first that needs it. */
  server: string;
  place: Place;
}

/** The variables without a default of the enabled servers, each once. */
export function findVariables(source: Pick<Source, 'value' | 'placeOf'>): NeededVariable[] {
  const found = new Map<string, NeededVariable>();
  for (const { server, path, text } of serverTexts(source)) {
    for (const [, escape, name = ''] of text.matchAll(/\$(\$?)\{(?:env:)?([A-Za-z_][A-Za-z0-9_]*)\}/g)) {
      if (escape || found.has(name)) continue;
      found.set(name, { name, server, place: source.placeOf(path) });
    }
  }
  return [...found.values()];
}
