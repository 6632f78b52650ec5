/** `hard`: nobody will ever read this address. `soft`: this message did not get through, another one may. */
export type BounceKind = 'hard' | 'soft';

/** RFC 3463, 3.2 and 3.3, RFC 7505: no such mailbox, no such system, a wrong spelling, moved away, no mail at all, disabled. */
const HARD_STATUS = /^5\.(?:1\.(?:0|1|2|3|4|6|10)|2\.1|4\.4)$/;
/** RFC 5321, 4.2.2, and RFC 7504: no mailbox, not here, not allowed as a name, takes no mail. */
const HARD_CODES = [521, 550, 551, 553, 556];
/** RFC 3463, 2. A status that says nothing (x.0.0) leaves the word to the code. */
const STATUS = /\b[245]\.(?!0\.0\b)\d{1,3}\.\d{1,3}\b/;
/** A reply to the address itself; refused content is answered with the same 550, but with a status of class 7. */
const CODE = /\b(5\d\d)\b/;

/**
 * What a permanent failure says about the address. The enhanced status decides where there is one, because `550` alone
 * is said of unknown mailboxes and of unwanted content alike.
 * @param words the remote's reply or diagnostic, as it came
 * @param known the reply code or status when it was told apart from the words
 */
export function bounceKind(words: string, known: { code?: number; status?: string } = {}): BounceKind {
  const status = [known.status ?? '', words].map((text) => STATUS.exec(text)?.[0]).find(Boolean);
  if (status) return HARD_STATUS.test(status) ? 'hard' : 'soft';
  const code = known.code ?? Number(CODE.exec(words)?.[1]);
  return HARD_CODES.includes(code) ? 'hard' : 'soft';
}
