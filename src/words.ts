/** Search by the beginnings of words, over an index: what is stored beside a row, and what is asked for. */

/** Beginnings that are stored of each word, in characters, beside the whole word. */
const LENGTHS = [1, 2, 4, 8];
/** Longer words are found by their first characters; more words than this narrow nothing down. */
const WORD_MAX = 24;
const ASKED_MAX = 8;
/** Behind every character of a word (the last code point there is). */
const LAST = '\u{10ffff}';

/** The words of a text without case, accents and punctuation: `Żółć, O’Neill` is `zołc`, `o`, `neill`. */
function foldedWords(text: string): string[][] {
  const folded = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return (folded.match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => [...word].slice(0, WORD_MAX));
}

/** What to store in the indexed list of a row so that it is found by the beginning of any word of these texts. */
export function searchable(texts: (string | undefined)[]): string[] {
  const kept = new Set<string>();
  for (const word of texts.flatMap((text) => foldedWords(text ?? ''))) {
    for (const length of LENGTHS) if (length < word.length) kept.add(word.slice(0, length).join(''));
    kept.add(word.join(''));
  }
  return [...kept];
}

/**
 * The rows whose list `words` has, for each word asked for, one that begins so. Each is first an equality with a stored
 * beginning, which an index answers in the order of whatever follows it there.
 * @returns a filter, or null when nothing that can be searched was asked for
 */
export function beginsWith(asked: string): { words: string; $and?: object[] } | null {
  const words = foldedWords(asked).slice(0, ASKED_MAX);
  // The longest is the rarest: it leads.
  const [first, ...more] = words.sort((a, b) => b.length - a.length).map(conditionsOf);
  if (!first) return null;
  const rest = [...first.exactly, ...more.flatMap(({ stored, exactly }) => [{ words: stored }, ...exactly])];
  return { words: first.stored, ...(rest.length > 0 && { $and: rest }) };
}

function conditionsOf(word: string[]): { stored: string; exactly: object[] } {
  const length = LENGTHS.findLast((one) => one <= word.length) ?? word.length;
  const whole = word.join('');
  const exactly = length < word.length ? [{ words: { $elemMatch: { $gte: whole, $lt: `${whole}${LAST}` } } }] : [];
  return { stored: word.slice(0, length).join(''), exactly };
}
