/**
 * The text with everything written out that a reader would not see, or would take for something else: control characters, line ends,
 * marks that turn the direction of text around (Unicode TR 36), characters without a width, spaces that are none. Each becomes `\uXXXX`
 * as in JSON, so nothing in a quoted text can begin a line of its own or reorder what stands around it.
 */
export function showInvisible(text: string): string {
  return text.replaceAll(invisible, (found) => {
    let written = '';
    for (let at = 0; at < found.length; at++) {
      written += `\\u${found.charCodeAt(at).toString(16).padStart(4, '0')}`;
    }
    return written;
  });
}

// Everything of the category Other, what fonts leave out (Default_Ignorable_Code_Point), every space but the plain one, the empty braille.
const invisible = /[\p{C}\p{DI}\u2028\u2029\u2800]|(?! )\p{Zs}/gu;
