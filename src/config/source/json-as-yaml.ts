/**
 * Makes JSON as clients write it (comments, tabs) readable for a YAML parser, which takes trailing commas as they are.
 * What is replaced becomes blanks, so that every place stays where it was. Text that is not JSON comes back unchanged.
 * Takes time in proportion to the text's length, whatever is in it.
 */
export function jsonAsYaml(text: string, file: string): string {
  if (!/\.jsonc?$/i.test(file) && !/^\s*\{\s*["/}]/.test(text)) return text;
  const parts: string[] = [];
  let done = 0;
  let lastClose: number | undefined;
  // A string, a comment, or a tab: the first that begins wins. `//` behind a colon is a URL in a YAML flow mapping.
  const begins = /"|(?<!:)\/\/|\/\*|\t+/g;
  for (let found = begins.exec(text); found !== null; found = begins.exec(text)) {
    const [begin] = found;
    const start = found.index;
    let end = begins.lastIndex;
    if (begin === '"') {
      begins.lastIndex = endOfString(text, start);
      continue;
    }
    if (begin === '//') end = endOfLine(text, start);
    if (begin === '/*') {
      lastClose ??= text.lastIndexOf('*/');
      // Without an end it is none.
      if (lastClose < end) continue;
      end = text.indexOf('*/', end) + 2;
    }
    parts.push(text.slice(done, start), text.slice(start, end).replace(/[^\r\n]/g, ' '));
    done = end;
    begins.lastIndex = end;
  }
  return parts.join('') + text.slice(done);
}

/** Behind the quote that closes the string which begins here; where there is none, the end of the line: no other string can be in it. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const sign = text.charAt(at);
    if (sign === '"') return at + 1;
    if (sign === '\n') return at;
    if (sign === '\\' && text.charAt(at + 1) !== '\n') at += 1;
  }
  return text.length;
}

function endOfLine(text: string, start: number): number {
  const end = text.indexOf('\n', start);
  return end === -1 ? text.length : end;
}
