import { isSecretName } from '../../core/text/mask-secrets.ts';
import type { Variables } from './expand-text.ts';

/** Shorter values are words and numbers; blanked out wherever they stand they would make what a server prints unreadable. */
const minSecretChars = 6;

/** `HOME`, `HOST`, `MODE`: who names something so expects to read it in messages. */
const path = /^(?:~|\.{1,2}|[A-Za-z]:)?[\\/](?:[\w .@-]+[\\/])*[\w .@-]*$/;
const word = /^[a-z]+$/;
/** By its name a variable may say that its value is secret, whatever it looks like. */
const secretName = /KEY|TOKEN|SECRET|PASS|AUTH|CREDENTIAL/i;

/** `PWD` is the folder that a shell is in, whatever `DB_PWD` is. */
function saysSecret(name: string): boolean {
  return name !== 'PWD' && (secretName.test(name) || isSecretName(name));
}

/**
 * The same variables, and which of the values that were asked for may be secret: all of a file, all of a variable whose name says so,
 * and of others whatever is neither a path nor a single word in small letters. Defaults are no secrets: they stand in the configuration.
 */
export function findSecrets(variables: Variables): { variables: Variables; secrets: ReadonlySet<string> } {
  const secrets = new Set<string>();
  const note = (value: string): void => {
    if (value.length >= minSecretChars) secrets.add(value);
  };
  return {
    secrets,
    variables: {
      lookup(name) {
        const value = variables.lookup(name);
        if (value !== undefined && (saysSecret(name) || !(path.test(value) || word.test(value)))) note(value);
        return value;
      },
      async readFile(file) {
        const found = await variables.readFile(file);
        if ('text' in found) note(found.text);
        return found;
      },
    },
  };
}
