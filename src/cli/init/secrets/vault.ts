/** A value that was taken out of an entry. Never shown: only its name and what it is of are. */
export interface MovedSecret {
  variable: string;
  value: string;
  /** Such as `env GITHUB_TOKEN` or `args --api-key`. */
  of: string;
}

/** A value on its way into the vault. */
export interface NewSecret {
  server: string;
  label: string;
  of: string;
  value: string;
}

/** Names of variables and their values, of all servers. */
export interface Vault {
  /** The variable that stands for this value from now on. */
  keep(secret: NewSecret): string;
  /** The same for what stood as the default of a variable: that one where nothing else is meant by it, so that setting it still counts. */
  keepDefault(variable: string, secret: NewSecret): string;
  moved(): readonly MovedSecret[];
}

/**
 * A vault for a configuration. A name that has another value already, here or in `environment`, which goes before any file of variables, is not
 * taken: the server would get that one. Nor is one that any of `texts` names: whoever waits for it would get a secret that was never its own.
 */
export function createVault(
  environment: Readonly<Record<string, string | undefined>>,
  texts: readonly string[] = [],
): Vault {
  const byVariable = new Map<string, MovedSecret>();
  const forms = formsOf(texts);
  const isFree = (variable: string, value: string): boolean =>
    !forms.has(variable) &&
    (byVariable.get(variable)?.value ?? value) === value &&
    (environment[variable] ?? value) === value;
  const put = (variable: string, { server, of, value }: NewSecret): string => {
    if (!byVariable.has(variable)) byVariable.set(variable, { variable, value, of: `${server}: ${of}` });
    return variable;
  };
  const keep = (secret: NewSecret): string => {
    const base = toVariable(secret.server, secret.label);
    let variable = base;
    for (let number = 2; !isFree(variable, secret.value); number += 1) variable = `${base}_${number}`;
    return put(variable, secret);
  };
  return {
    moved: () => [...byVariable.values()],
    keep,
    keepDefault(variable, secret) {
      const isItsOwn = (forms.get(variable)?.size ?? 0) <= 1;
      const before = byVariable.get(variable)?.value ?? secret.value;
      return isItsOwn && before === secret.value ? put(variable, secret) : keep(secret);
    },
  };
}

/** The variables that texts name, each with the ways in which it is written. */
function formsOf(texts: readonly string[]): Map<string, Set<string>> {
  const forms = new Map<string, Set<string>>();
  for (const text of texts) {
    for (const [form, name = ''] of text.matchAll(/\$\{(?:env:)?([A-Za-z_][A-Za-z0-9_]*)(?::-[^}]*)?\}/g)) {
      forms.set(name, (forms.get(name) ?? new Set()).add(form));
    }
  }
  return forms;
}

/** `github` and `--api-key` are `GITHUB_API_KEY`. A name that says the server already does not say it twice. */
export function toVariable(server: string, label: string): string {
  const words = (text: string): string =>
    text
      .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
      .replaceAll(/[^A-Za-z0-9]+/g, '_')
      .replaceAll(/^_+|_+$/g, '')
      .toUpperCase();
  const [prefix, name] = [words(server), words(label) || 'SECRET'];
  const whole = name === prefix || name.startsWith(`${prefix}_`) ? name : `${prefix}_${name}`;
  return /^\d/.test(whole) ? `_${whole}` : whole;
}
