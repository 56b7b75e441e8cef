import { escapeMarkup } from '../escape-markup.ts';

/** Numbers to be seen first, each with its name; those without a value are left out. */
export function renderFacts(facts: readonly (readonly [name: string, value: string | undefined])[]): string {
  const shown = facts.flatMap(([name, value]) => (value === undefined ? [] : { name, value }));
  const parts = shown.map(
    ({ name, value }) => `<div><dt>${escapeMarkup(name, 40)}</dt><dd>${escapeMarkup(value, 80)}</dd></div>`,
  );
  return `<dl class="facts">${parts.join('')}</dl>`;
}

/** A note that stands out; the list below it is markup already. */
export function renderNote(
  text: string,
  { isBad = false, list = [] }: { isBad?: boolean; list?: readonly string[] } = {},
): string {
  const items = list.length === 0 ? '' : `<ul>${list.map((item) => `<li>${item}</li>`).join('')}</ul>`;
  return `<div class="note${isBad ? ' bad' : ''}">${escapeMarkup(text, 1_000)}${items}</div>`;
}
