/** A cell, as markup. */
export interface HtmlCell {
  html: string;
  /** Numbers stand to the right, so that their digits do below each other. */
  kind?: 'number' | 'words' | 'mono';
  tone?: 'good' | 'odd' | 'bad' | 'quiet';
}

export interface HtmlRow {
  cells: readonly HtmlCell[];
  isElement?: boolean;
}

/** A table whose heads stand as its columns do. */
export function renderHtmlTable(heads: readonly HtmlCell[], rows: readonly HtmlRow[]): string {
  const head = heads.map((cell) => `<th scope="col"${classOf(cell)}>${cell.html}</th>`).join('');
  const lines = rows.map(({ cells, isElement }) => {
    const row = cells.map((cell) => `<td${classOf(cell)}>${cell.html}</td>`).join('');
    return `<tr${isElement === true ? ' class="element"' : ''}>${row}</tr>`;
  });
  return `<div class="wide"><table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${lines.join('\n')}\n</tbody>\n</table></div>`;
}

function classOf({ kind, tone }: HtmlCell): string {
  const names = [kind, tone].filter((name) => name !== undefined).join(' ');
  return names === '' ? '' : ` class="${names}"`;
}
