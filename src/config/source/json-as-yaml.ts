/**
 * Makes JSON as clients write it (comments, tabs) readable for a YAML parser, which takes trailing commas as they are.
 * What is replaced becomes blanks, so that every place stays where it was. Text that is not JSON comes back unchanged.
 */
export function jsonAsYaml(text: string, file: string): string {
  if (!/\.jsonc?$/i.test(file) && !/^\s*\{\s*["/}]/.test(text)) return text;
  // A string, a comment, or a tab: the first that begins wins. `//` behind a colon is a URL in a YAML flow mapping.
  const parts = /"(?:[^"\\\n]|\\.)*"|(?<!:)\/\/[^\n]*|\/\*[\s\S]*?\*\/|\t/g;
  return text.replace(parts, (part) => (part.startsWith('"') ? part : part.replace(/[^\r\n]/g, ' ')));
}
