/** What a page's content leaves open, so that the stamp can stand in the page's own coordinates. */
export interface Balance {
  /** More Q than q before: so many q belong in front. */
  missingSaves: number;
  /** q, BT and BMC/BDC left open at the end. */
  openSaves: number;
  openText: boolean;
  openMarks: number;
}

/** The kind of each byte (PDF 32000-1, 7.2.2); a table, for every byte of every page is looked up. */
const [REGULAR, WHITE, DELIMITER] = [0, 1, 2];
const KINDS = new Uint8Array(256).fill(REGULAR);
for (const byte of [0, 9, 10, 12, 13, 32]) KINDS[byte] = WHITE;
for (const char of '()<>[]{}/%') KINDS[char.charCodeAt(0)] = DELIMITER;
const [OPEN, CLOSE, LESS, GREATER, BACKSLASH, PERCENT, CR, LF, SPACE] = [40, 41, 60, 62, 92, 37, 13, 10, 32];
const [SLASH, LETTERS] = [47, 65];

const isRegular = (byte: number | undefined) => byte !== undefined && KINDS[byte] === REGULAR;

/** Behind a string's closing parenthesis; parentheses nest, a backslash hides one (PDF 32000-1, 7.3.4.2). */
function skipString(bytes: Uint8Array, from: number): number {
  let depth = 0;
  for (let at = from; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === BACKSLASH) at += 1;
    else if (byte === OPEN) depth += 1;
    else if (byte === CLOSE && --depth === 0) return at + 1;
  }
  return bytes.length;
}

function skipRegular(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && KINDS[bytes[at] as number] === REGULAR) at += 1;
  return at;
}

function skipTo(bytes: Uint8Array, from: number, found: (byte: number) => boolean): number {
  let at = from;
  while (at < bytes.length && !found(bytes[at] as number)) at += 1;
  return at;
}

/** Behind the EI of an inline image whose data begin at `from`: EI between white space, and text after it. */
function skipInlineImage(bytes: Uint8Array, from: number): number {
  for (let at = from; at < bytes.length - 2; at += 1) {
    if (bytes[at + 1] !== 69 || bytes[at + 2] !== 73 || KINDS[bytes[at] as number] !== WHITE) continue;
    if (isRegular(bytes[at + 3])) continue;
    const next = bytes.subarray(at + 3, at + 13);
    if (next.every((byte) => byte === LF || byte === CR || byte === 9 || (byte >= SPACE && byte < 127))) return at + 3;
  }
  return bytes.length;
}

function count(balance: Balance, operator: string): void {
  if (operator === 'q') balance.openSaves += 1;
  else if (operator === 'Q') {
    if (balance.openSaves > 0) balance.openSaves -= 1;
    else balance.missingSaves += 1;
  } else if (operator === 'BT') balance.openText = true;
  else if (operator === 'ET') balance.openText = false;
  else if (operator === 'BMC' || operator === 'BDC') balance.openMarks += 1;
  else if (operator === 'EMC') balance.openMarks = Math.max(0, balance.openMarks - 1);
}

function latin1(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let at = from; at < to; at += 1) text += String.fromCharCode(bytes[at] as number);
  return text;
}

/** Behind the token at `from`; operators are counted. */
function step(bytes: Uint8Array, from: number, balance: Balance): number {
  const byte = bytes[from] as number;
  if (byte === OPEN) return skipString(bytes, from);
  if (byte === PERCENT) return skipTo(bytes, from, (next) => next === CR || next === LF);
  if (byte === LESS && bytes[from + 1] !== LESS) return skipTo(bytes, from, (next) => next === GREATER) + 1;
  if (byte === SLASH) return skipRegular(bytes, from + 1);
  if (!isRegular(byte)) return from + 1;
  const to = skipRegular(bytes, from);
  // Numbers, the most of it, begin with what no operator begins with.
  if (to - from > 3 || byte < LETTERS) return to;
  const operator = latin1(bytes, from, to);
  if (operator === 'ID') return skipInlineImage(bytes, to);
  count(balance, operator);
  return to;
}

/** Reads a page's whole content, its streams joined by white space. */
export function balanceOf(content: Uint8Array): Balance {
  const balance: Balance = { missingSaves: 0, openSaves: 0, openText: false, openMarks: 0 };
  for (let at = 0; at < content.length; ) at = step(content, at, balance);
  return balance;
}
