/** Where the values of variables come from. */
export interface Variables {
  /** Value of an environment variable, or undefined where it is not set. */
  lookup(name: string): string | undefined;
  /** Text of a file, or the reason why there is none. */
  readFile(path: string): Promise<{ text: string } | { reason: string }>;
}

/** Text with its variables replaced, or what is wrong with it, in phrases that never hold a variable's value. */
export type Expanded = { ok: true; text: string } | { ok: false; reasons: string[] };

/**
 * Replaces `${NAME}`, `${NAME:-default}`, both also as `${env:NAME}`, and `${file:path}` (without its last line end).
 * A default also stands in for a variable that is set but empty, as in a shell. `$${NAME}` becomes `${NAME}`.
 */
export async function expandText(written: string, variables: Variables): Promise<Expanded> {
  const reasons: string[] = [];
  let text = '';
  let rest = 0;
  for (const match of written.matchAll(/\$(\$?)\{([^}]*)(\}?)/g)) {
    const [whole, escape, inside = '', close] = match;
    text += written.slice(rest, match.index);
    rest = match.index + whole.length;
    if (escape) {
      text += whole.slice(1);
      continue;
    }
    const value = close
      ? await valueOf(inside, variables)
      : { reason: `"${whole}" is not closed; write "}" after the name` };
    if ('text' in value) text += value.text;
    else reasons.push(value.reason);
  }
  return reasons.length > 0 ? { ok: false, reasons } : { ok: true, text: text + written.slice(rest) };
}

async function valueOf(inside: string, variables: Variables): Promise<{ text: string } | { reason: string }> {
  if (inside.startsWith('file:')) {
    const path = inside.slice('file:'.length);
    return path === '' ? { reason: '"${file:}" names no file; write ${file:path}' } : variables.readFile(path);
  }
  const [, name, fallback] = /^(?:env:)?([A-Za-z_][A-Za-z0-9_]*)(?::-([\s\S]*))?$/.exec(inside) ?? [];
  if (name === undefined) {
    return {
      reason: `"\${${inside}}" is not a variable; write \${NAME}, \${NAME:-default} or \${file:path}, and $\${ for a plain \${`,
    };
  }
  if (fallback?.includes('${')) {
    return { reason: `the default of \${${name}} holds another variable; write plain text` };
  }
  const value = variables.lookup(name);
  if (fallback !== undefined) return { text: value || fallback };
  if (value !== undefined) return { text: value };
  return {
    reason: `the variable ${name} is not set; set it in the environment or in envFile, or write \${${name}:-default}`,
  };
}
