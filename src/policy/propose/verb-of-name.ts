import { worseClass } from '../../core/tool.ts';
import type { ToolClass } from '../../core/tool.ts';

/** What a tool's name says that it does, and by which word of it. */
export interface NamedVerb {
  verb: string;
  class: ToolClass;
}

/**
 * The first word of a tool's name that says what it does, and the class that it comes to; `undefined` where none does. A name that says two
 * things, such as `read_and_delete`, is the worse of them, and one that ends in destroying, such as `query_delete`, does that. A guess: names are for people, so it may make a proposal stricter and never
 * laxer.
 */
export function verbOfName(name: string): NamedVerb | undefined {
  const words = wordsOf(name);
  const first = words.findIndex((word) => classOfWord(word) !== undefined);
  const verb = words[first];
  const toolClass = verb === undefined ? undefined : classOfWord(verb);
  if (verb === undefined || toolClass === undefined) return undefined;
  return words.slice(first + 1).reduce<NamedVerb>(
    (worst, word, index) => {
      const joins = ['and', 'or', 'then', 'with'].includes(words[first + index] ?? '');
      const isEnd = first + index + 2 === words.length && classOfWord(word) === 'destructive';
      const other = joins || isEnd ? classOfWord(word) : undefined;
      if (other === undefined || worseClass(worst.class, other) === worst.class) return worst;
      return { verb: word, class: other };
    },
    { verb, class: toolClass },
  );
}

/** Longer names are cut: what is behind says no more. */
const maxNameChars = 200;

/** The words of a name in small letters: `getUser`, `get_user`, `get-user` and `API.getUser` have the word `get`. */
export function wordsOf(name: string): string[] {
  return name
    .slice(0, maxNameChars)
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
}

function classOfWord(word: string): ToolClass | undefined {
  if (destructive.has(word) || isDelete.test(word)) return 'destructive';
  if (writing.has(word)) return 'write';
  return reading.has(word) ? 'read' : undefined;
}

/** Grown together with what it deletes, as in `deletefile`. What is `deleted` has been. */
const isDelete = /^delete(?!d)|^(?!un).*delete$/;

const listOf = (words: string): ReadonlySet<string> => new Set(words.split(' '));

const reading = listOf(
  'get list read search find fetch query describe show view check lookup count status inspect retrieve browse ' +
    'compare diff resolve explain analyze summarize screenshot snapshot whoami ping info',
);
const writing = listOf(
  'create add update write set put post patch send reply edit insert append upsert upload import move rename copy save ' +
    'publish submit invite assign close reopen start stop restart run execute exec eval push commit checkout fork sync ' +
    'click type fill press select navigate drag hover handle install enable disable apply deploy trigger ' +
    'schedule book order pay charge transfer approve reject accept decline mark toggle archive restore transition ' +
    'buy purchase sell generate modify change replace share unshare subscribe unsubscribe stage unstage stash tag ' +
    // They put something on the disk, or leave the server another than it was.
    'download export attach connect disconnect login logout launch boot play pause promote unapprove',
);
const destructive = listOf(
  'delete remove drop destroy purge wipe truncate erase kill terminate revoke uninstall reset rm del unlink expunge ' +
    'prune discard nuke refund cancel merge rebase clear overwrite shutdown rollback flush deactivate ban evict unpublish',
);
