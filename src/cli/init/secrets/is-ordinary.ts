/** Names of settings that have a word such as `pass`, `token`, `auth` or `key` in them and mean nothing secret by it. */
const harmlessName =
  /^--?no-|pass[-_]?(?:through|thru|env)|tokeni[sz]er|(?:auth|token|credentials?|password|secret)[-_]?(?:type|mode|method|scheme|provider|strategy|flow)$|(?:primary|foreign|partition|sort|group|row|range|cache|public)[-_]?keys?$/i;

/** Names of what says which state of something is meant, by its hash or its number. */
const revisionName =
  /(?:^|[-_])(?:rev|revision|ref|commit|sha\d{0,3}|git[-_]sha|branch|tag|version|digest|checksum|hash)$/i;
const idName = /(?:id|uuid|guid)$/i;

const uuid = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i;
const hash = /^[\da-f]{7,64}$/;
const host = /^(?:[a-z\d](?:[a-z\d-]*[a-z\d])?\.){2,}[a-z]{2,}(?::\d{1,5})?$/;
const email = /^[a-z\d._+-]+@(?:[a-z\d-]+\.)+[a-z]{2,}$/i;
const versioned = /^[a-z\d][a-z\d._-]*@[\^~v]?\d[\w.-]*$/;

/** Whether a name says a secret only to those who look at its words one by one. */
export function isHarmlessName(name: string): boolean {
  return harmlessName.test(name);
}

/** `--pass-through --verbose`: another flag, and not the value of the one before it. */
export function isFlag(word: string): boolean {
  return /^--[A-Za-z]|^-[A-Za-z]$|^-[a-z]+(?:-[a-z]+)*$/.test(word);
}

/** The number of something, which names it and opens nothing: a commit, a tenant. What a session is known by is as good as a password. */
export function isIdentifier(name: string, value: string): boolean {
  if (/session/i.test(name)) return false;
  return (revisionName.test(name) && hash.test(value)) || (idName.test(name) && uuid.test(value));
}

/** Long, and still what people read and write: words and numbers with signs between them, a host, a role. */
export function isReadable(value: string): boolean {
  if (host.test(value) || /^arn:aws[\w-]*:/.test(value)) return true;
  const pieces = value.split(/[-_./:=~+]+/).filter((piece) => piece !== '');
  const words = pieces.filter((piece) => /^[A-Za-z]+$/.test(piece));
  return pieces.length > 1 && words.length <= maxWords && pieces.every(isWord);
}

/** Of more than these, passphrases are made. */
const maxWords = 4;

/** A name, a file, a package, a person: of such, digits say nothing. One word with digits in it may be anything. */
export function isNameLike(value: string): boolean {
  if (email.test(value) || versioned.test(value)) return true;
  const pieces = value.split(/[-_.]/);
  return pieces.length > 1 && pieces.every(isWord);
}

function isWord(piece: string): boolean {
  return /^(?:[a-z]{1,16}|[A-Z][a-z]{1,15}|[A-Z]{1,16}|\d{1,12}|[a-z]{1,12}\d{1,4}|v?\d{1,4}[a-z]{1,3})$/.test(piece);
}
