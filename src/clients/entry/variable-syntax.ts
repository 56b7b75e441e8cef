import { basename } from 'node:path/posix';
import type { ClientId } from '../client.ts';

/** What is known where a client expands its variables. */
export interface ExpansionPlace {
  client: ClientId;
  /** Of the user; absolute. */
  home: string;
  /** The folder that is worked in; absolute. */
  workspace: string;
  /** The folder of the file; absolute. */
  directory: string;
  isWindows: boolean;
  /** True where the file is read whatever folder is open. */
  isOfAllFolders: boolean;
  /** What the client asks its user for, by its id. */
  asked: ReadonlyMap<string, { meaning: string; fallback?: string }>;
}

/**
 * What stands for a client's variable in a configuration of ours: a variable of the environment, a text that is known now, or a file.
 * `note`: what is lost with it.
 */
export type Piece =
  | { variable: string; fallback?: string; meaning?: string; note?: string }
  | { text: string; note?: string }
  | { file: string };

/**
 * How a client writes variables: what one looks like, and what it stands for; nothing where the client leaves it as it is. Patterns
 * have a bound on what stands in the braces, for without one a text of many opening braces takes the square of its length.
 */
export interface VariableSyntax {
  pattern: RegExp;
  toPiece(match: RegExpMatchArray, place: ExpansionPlace): Piece | undefined;
}

const isName = (text: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*$/.test(text);

/** `${NAME}` and `${NAME:-default}`. */
export const shellSyntax: VariableSyntax = {
  pattern: /\$\{([^}]{0,500})\}/g,
  toPiece: ([, inside = '']) => ofShell(inside),
};

/** The same, and `$NAME`. */
export const bareShellSyntax: VariableSyntax = {
  pattern: /\$(?:\{([^}]{0,500})\}|([A-Za-z_][A-Za-z0-9_]*))/g,
  toPiece: ([, inside, bare]) => (bare === undefined ? ofShell(inside ?? '') : { variable: bare }),
};

/** `{env:NAME}` and `{file:path}`. */
export const bracesSyntax: VariableSyntax = {
  pattern: /\{(env|file):([^}]{1,500})\}/g,
  toPiece: ([, kind, name = ''], place) => (kind === 'env' ? ofEnvironment(name, place) : { file: name }),
};

/** `${{ secrets.NAME }}` and `${{ inputs.NAME }}`. */
export const templateSyntax: VariableSyntax = {
  pattern: /\$\{\{\s{0,20}(secrets|inputs)\.([^}\s]{1,200})\s{0,20}\}\}/g,
  toPiece([, kind, name = '']) {
    const meaning = kind === 'secrets' ? `the secret ${name} of Continue` : `the input ${name} of Continue`;
    return { variable: isName(name) ? name : toVariable(name), meaning };
  },
};

/** `${env:NAME}` and whichever of the words that editors know. */
export function editorSyntax(words: readonly string[]): VariableSyntax {
  const known = new Set(words);
  return {
    pattern: /\$\{([^}]{0,500})\}/g,
    toPiece([, inside = ''], place) {
      const [word = '', ...rest] = inside.split(':');
      const argument = rest.join(':');
      if (!known.has(word)) return undefined;
      switch (word) {
        case 'env':
          return ofEnvironment(argument, place);
        case 'file':
          // Without an argument it is the file that is open in the editor.
          return argument === '' ? elsewhere(inside, place) : { file: argument };
        case 'workspaceFolder':
        case 'workspaceRoot':
        case 'cwd':
          return ofFolder(place.workspace, place);
        case 'workspaceFolderBasename':
          return ofFolder(basename(place.workspace.replaceAll('\\', '/')), place);
        case 'userHome':
          return { text: place.home };
        case 'pathSeparator':
        case '/':
          return { text: place.isWindows ? '\\' : '/' };
        case 'input':
          return ofInput(argument, place);
        default:
          return elsewhere(inside, place);
      }
    },
  };
}

function ofFolder(text: string, { isOfAllFolders }: ExpansionPlace): Piece {
  const note = 'the client puts in the folder that is open; here it is the one in which it was read';
  return { text, ...(isOfAllFolders && { note }) };
}

function ofShell(inside: string): Piece | undefined {
  const [, name, fallback] = /^([A-Za-z_][A-Za-z0-9_]*)(?::-([\s\S]*))?$/.exec(inside) ?? [];
  if (name === undefined) return undefined;
  if (fallback?.includes('${') === true) return { variable: name, note: 'its default holds another variable' };
  return { variable: name, ...(fallback !== undefined && { fallback }) };
}

function ofEnvironment(name: string, place: ExpansionPlace): Piece {
  return isName(name) ? { variable: name } : elsewhere(`env:${name}`, place);
}

function ofInput(id: string, { client, asked }: ExpansionPlace): Piece {
  const { meaning = `what ${client} asks for as ${id}`, fallback } = asked.get(id) ?? {};
  // A default could not be written where a brace would end it.
  const isPlain = fallback !== undefined && !/[{}$]/.test(fallback);
  return { variable: toVariable(id), meaning, ...(isPlain && { fallback }) };
}

/** Something that only the client knows. */
function elsewhere(inside: string, { client }: ExpansionPlace): Piece {
  return { variable: toVariable(inside), meaning: `what ${client} puts in for ${inside}` };
}

/** A name in the environment. One of a single word may be the system's own, such as PATH. */
function toVariable(id: string): string {
  const name = id
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
    .toUpperCase()
    .slice(0, 80);
  return /^[A-Z][A-Z0-9]*_/.test(name) ? name : `INPUT_${name}`;
}
