// The table of a run: one line per row, the ways on which it ran in one cell, the figures of each in another.

const heads = ['row', 'fault', 'on', 'expected', 'measured', ''];

export function renderTable(results, { isMarkdown = false } = {}) {
  const lines = [heads, ...byRow(results).map(toCells)];
  return isMarkdown ? renderMarkdown(lines) : renderPlain(lines);
}

export function renderResult({ row, way, measured, ok, tookMs }) {
  return `${ok ? 'ok    ' : 'FAILED'} ${row.id.padEnd(4)} ${way.name.padEnd(13)} ${(tookMs / 1000).toFixed(1).padStart(5)} s  ${row.title}: ${measured}`;
}

function byRow(results) {
  const groups = new Map();
  for (const result of results) groups.set(result.row, [...(groups.get(result.row) ?? []), result]);
  return [...groups];
}

function toCells([row, runs]) {
  const said = runs.map(({ way, measured, ok }) => ({ name: way.name, text: ok ? measured : `FAILED: ${measured}` }));
  const isSame = said.every(({ text }) => text === said[0].text);
  const measured = isSame
    ? said[0].text
    : said.map(({ name, text }) => (runs.length > 1 ? `${name}: ${text}` : text)).join('; ');
  return [
    row.id,
    row.title,
    runs.map(({ way }) => way.name).join(', '),
    row.expected,
    measured,
    runs.every(({ ok }) => ok) ? 'ok' : 'FAILED',
  ];
}

function renderMarkdown([head, ...rows]) {
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

const widths = [4, 34, 13, 44, 58, 6];

function renderPlain(lines) {
  return lines
    .map((cells) => {
      const wrapped = cells.map((cell, i) => wrap(cell, widths[i]));
      const height = Math.max(...wrapped.map(({ length }) => length));
      return Array.from({ length: height }, (_, y) =>
        wrapped
          .map((column, i) => (column[y] ?? '').padEnd(widths[i]))
          .join('  ')
          .trimEnd(),
      ).join('\n');
    })
    .join('\n');
}

function wrap(text, width) {
  const lines = [''];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last === '') lines[lines.length - 1] = word;
    else if (last.length + word.length < width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
