/** One element of a page or a drawing. */
export interface MarkupElement {
  name: string;
  attributes: Record<string, string>;
  /** Its own text, and that of those inside. */
  text: string;
}

const empty = new Set(['meta', 'br']);
const token =
  /<!doctype html>|<(?<close>\/)?(?<name>[a-zA-Z][a-zA-Z0-9]*)(?<attributes>(?: [a-zA-Z:-]+="[^"<]*")*)(?<alone>\/)?>|(?<text>[^<]+)|(?<bad>[^])/g;

/** Reads markup strictly, as XML is; throws where it is not well-formed, so that nothing of others can have become a part of it. */
export function readMarkup(markup: string): MarkupElement[] {
  const elements: MarkupElement[] = [];
  const open: MarkupElement[] = [];
  for (const { index, groups = {} } of markup.matchAll(token)) {
    const { close, name, attributes = '', alone, text, bad } = groups;
    const near = JSON.stringify(markup.slice(index, index + 60));
    if (bad !== undefined) throw new Error(`a stray ${bad}: ${near}`);
    if (text !== undefined) {
      // The style sheets of both are our own, and have no reference in them.
      if (/&(?!#\d+;)/.test(text)) throw new Error(`a stray &: ${near}`);
      for (const element of open) element.text += decode(text);
    } else if (close !== undefined) {
      if (open.pop()?.name !== name) throw new Error(`ends what is not open: ${near}`);
    } else if (name !== undefined) {
      const pairs = [...attributes.matchAll(/ ([^=]+)="([^"]*)"/g)];
      const element = {
        name,
        attributes: Object.fromEntries(pairs.map(([, key = '', value = '']) => [key, decode(value)])),
        text: '',
      };
      elements.push(element);
      if (alone === undefined && !empty.has(name)) open.push(element);
    }
  }
  if (open.length > 0) throw new Error(`never ended: ${open.map(({ name }) => name).join(', ')}`);
  // oxlint-disable-next-line no-control-regex -- what XML 1.0 has no place for
  if (/[\u0000-\u0008\u000b-\u001f\u202a-\u202e\u2066-\u2069\ufffe\uffff]|\p{Surrogate}/u.test(markup)) {
    throw new Error('holds a character that cannot be seen');
  }
  return elements;
}

function decode(text: string): string {
  return text.replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
}
