// What a template of a server costs is bounded, since a server writes it as it likes: positions × pieces, never a regular expression.
const maxTemplateChars = 500;
const maxUriChars = 1_000;
const maxExpressions = 20;

/** A piece of a template: a text that stands as it is, or an expression with what may stand for it. */
type Piece = { text: string } | Expression;

interface Expression {
  /** What it begins with wherever it stands for something. */
  lead: string;
  isOptional: boolean;
  /** Whether it ends at the next `/`. */
  isSegment: boolean;
}

/** Whether a URI could be made from a template. */
export type UriTemplate = (uri: string) => boolean;

/**
 * Reads a URI template (RFC 6570). The match is generous: `{x}` is any text without `/`, `{+x}` and `{#x}` any text, `{?x}` and `{&x}`
 * a query or nothing. Matches nothing where the template is malformed, too long, or has more than
 * 20 expressions. Takes time that grows with the URI's length, not
 * faster, whatever the template.
 */
export function parseUriTemplate(template: string): UriTemplate {
  const pieces = template.length <= maxTemplateChars ? toPieces(template) : undefined;
  if (pieces === undefined) return () => false;
  return (uri) => uri.length <= maxUriChars && matches(pieces, uri);
}

function toPieces(template: string): Piece[] | undefined {
  const parts = template.split(/(\{[^{}]*\})/);
  if (parts.length > 2 * maxExpressions + 1) return undefined;
  if (parts.some((part, index) => index % 2 === 0 && /[{}]/.test(part))) return undefined;
  const pieces = parts.map((part, index) => (index % 2 === 0 ? { text: part } : toExpression(part.slice(1, -1))));
  return pieces.filter((piece) => !('text' in piece) || piece.text !== '');
}

function toExpression(expression: string): Expression {
  const operator = /^[+#./;?&]/.exec(expression)?.[0] ?? '';
  return {
    lead: operator === '+' ? '' : operator,
    isOptional: ['#', '?', '&'].includes(operator),
    isSegment: ['', '.', ';'].includes(operator) || (operator === '/' && !expression.includes('*')),
  };
}

/** Goes from piece to piece with all places of the URI at which it could stand. */
function matches(pieces: readonly Piece[], uri: string): boolean {
  let places = new Uint8Array(uri.length + 1);
  places[0] = 1;
  for (const piece of pieces) {
    const next = new Uint8Array(uri.length + 1);
    if ('text' in piece) {
      for (let place = 0; place < places.length; place++) {
        if (places[place] === 1 && uri.startsWith(piece.text, place)) next[place + piece.text.length] = 1;
      }
    } else {
      addEnds(next, { places, expression: piece, uri });
    }
    places = next;
  }
  return places[uri.length] === 1;
}

/** Marks every place at which the expression can end. Looks at each place of the URI once. */
function addEnds(
  next: Uint8Array,
  { places, expression, uri }: { places: Uint8Array; expression: Expression; uri: string },
): void {
  const { lead, isOptional, isSegment } = expression;
  let end = -1;
  let markedTo = 0;
  for (let place = 0; place < places.length; place++) {
    // The places that follow add nothing any more.
    if (markedTo === uri.length && !isOptional) return;
    if (places[place] !== 1) continue;
    if (isOptional) next[place] = 1;
    if (lead !== '' && !uri.startsWith(lead, place)) continue;
    const start = place + lead.length;
    // Up to the same end as from the place before, unless that lies behind.
    if (start > end) end = isSegment ? uri.indexOf('/', start) : uri.length;
    if (end === -1) end = uri.length;
    const first = Math.max(start, markedTo) + 1;
    if (first <= end) next.fill(1, first, end + 1);
    markedTo = Math.max(markedTo, end);
  }
}
