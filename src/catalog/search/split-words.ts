/**
 * The words of a name or a text, in lower case and in order: `listPullRequests`, `list_pull_requests` and `list pull requests` are the
 * same. Letters of all alphabets count.
 */
export function splitWords(text: string): string[] {
  return text
    .normalize('NFKC')
    .replaceAll(camelSeams, ' ')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

// "getIssue" at t|I, "URLPath" at L|P: the last capital of several begins the next word.
const camelSeams = /(?<=[\p{Ll}\p{N}])(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/gu;
