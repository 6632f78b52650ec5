import { CODE, StoreError } from './errors';

/**
 * MongoDB matches with PCRE2 in UTF mode. This turns such a pattern into a JavaScript one with the same meaning: `.`, `^`
 * and `$` know only \n as the end of a line, `$` also matches before a last \n, `\A \z \Z \h \R`, POSIX classes, inline
 * options and the `x` option are spelled out. What JavaScript has no words for (recursion, possessive quantifiers,
 * conditions, …) is refused like an invalid pattern (51091).
 */
export function compileRegex(pattern: string, options: string): RegExp {
  for (const flag of options) {
    if (!'imsxu'.includes(flag)) throw new StoreError(51108, `invalid flag in regex options: ${flag}`);
  }
  if (pattern.includes('\0')) {
    throw new StoreError(CODE.BadValue, 'Regular expression cannot contain an embedded null byte');
  }
  try {
    const translation = new Translation(pattern, options);
    const source = translation.run();
    return new RegExp(source, translation.ignoreCase ? 'iu' : 'u');
  } catch (error) {
    throw new StoreError(51091, `Regular expression is invalid: ${(error as Error).message}`);
  }
}

const POSIX: Readonly<Record<string, string>> = {
  alpha: 'a-zA-Z',
  digit: '0-9',
  alnum: 'a-zA-Z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: ' \\t\\n\\v\\f\\r',
  blank: ' \\t',
  punct: '!-\\/:-@\\[-`\\{-~',
  xdigit: '0-9A-Fa-f',
  word: '\\w',
  print: ' -~',
  graph: '!-~',
  cntrl: '\\x00-\\x1f\\x7f',
  ascii: '\\x00-\\x7f',
};

/** Escapes outside of a class that JavaScript lacks. */
const ESCAPES: Readonly<Record<string, string>> = {
  A: '(?<![\\s\\S])',
  z: '(?![\\s\\S])',
  Z: '(?=\\n?(?![\\s\\S]))',
  G: '(?<![\\s\\S])',
  R: '(?:\\r\\n|[\\n\\v\\f\\r\\x85\\u2028\\u2029])',
  N: '[^\\n]',
};
/** Escapes both inside and outside of a class. PCRE's \s and \w are ASCII; \h is horizontal, \v vertical white space. */
const CLASS_ESCAPES: Readonly<Record<string, string>> = {
  h: '\\t \\xa0\\u1680\\u180e\\u2000-\\u200a\\u202f\\u205f\\u3000',
  v: '\\n-\\r\\x85\\u2028\\u2029',
  s: ' \\t-\\r',
  a: '\\x07',
  e: '\\x1b',
};
const NEGATED: Readonly<Record<string, string>> = { H: 'h', V: 'v', S: 's' };

interface Modes {
  m: boolean;
  s: boolean;
  x: boolean;
}

/** Walks over a pattern once; every method below takes a piece of it and returns that piece in JavaScript's words. */
class Translation {
  private at = 0;
  private modes: Modes;
  private readonly outer: Modes[] = [];
  ignoreCase: boolean;

  constructor(
    private readonly pattern: string,
    options: string,
  ) {
    this.modes = { m: options.includes('m'), s: options.includes('s'), x: options.includes('x') };
    this.ignoreCase = options.includes('i');
  }

  run(): string {
    let out = '';
    while (this.at < this.pattern.length) out += this.piece();
    return out;
  }

  private piece(): string {
    const char = this.pattern[this.at] ?? '';
    if (char === '\\') return this.escape();
    if (char === '[') return this.characterClass();
    if (char === '(') return this.group();
    if (this.modes.x && /[\s#]/.test(char)) return this.skipExtended(char);
    return this.plain(char);
  }

  private get rest(): string {
    return this.pattern.slice(this.at);
  }

  private take(length: number, replacement = this.pattern.substring(this.at, this.at + length)): string {
    this.at += length;
    return replacement;
  }

  private plain(char: string): string {
    if (char === '.') return this.take(1, this.modes.s ? '[\\s\\S]' : '[^\\n]');
    if (char === '^') return this.take(1, this.modes.m ? '(?:(?<![\\s\\S])|(?<=\\n)(?=[\\s\\S]))' : '(?<![\\s\\S])');
    if (char === '$') return this.take(1, this.modes.m ? '(?![^\\n])' : '(?=\\n?(?![\\s\\S]))');
    if (char === ')') this.modes = this.outer.pop() ?? this.modes;
    if (char === '*' || char === '+' || char === '?') return this.quantifier(1);
    if (char === '{') return this.brace();
    if (char === ']' || char === '}') return this.take(1, `\\${char}`);
    return this.take(1);
  }

  /** `{` opens a quantifier only when it is written as one; else it is itself. */
  private brace(): string {
    const quantifier = /^\{\d+(,\d*)?\}/.exec(this.rest);
    return quantifier ? this.quantifier(quantifier[0].length) : this.take(1, '\\{');
  }

  private quantifier(length: number): string {
    const taken = this.take(length);
    if (this.pattern[this.at] === '+') throw new Error('possessive quantifiers are not supported');
    return this.pattern[this.at] === '?' ? taken + this.take(1) : taken;
  }

  private skipExtended(char: string): string {
    const end = char === '#' ? this.pattern.indexOf('\n', this.at) : this.at;
    this.at = end === -1 ? this.pattern.length : end + 1;
    return '';
  }

  private escape(): string {
    const next = this.pattern[this.at + 1];
    if (next === undefined) throw new Error('\\ at end of pattern');
    if (next === 'Q') return this.literal();
    if (next === 'E') return this.take(2, '');
    const outside = ESCAPES[next];
    if (outside !== undefined) return this.take(2, outside);
    if (CLASS_ESCAPES[next] !== undefined) return this.take(2, `[${CLASS_ESCAPES[next]}]`);
    if (NEGATED[next] !== undefined) return this.take(2, `[^${CLASS_ESCAPES[NEGATED[next] ?? '']}]`);
    return this.commonEscape(next);
  }

  /** \Q…\E: everything in between stands for itself. */
  private literal(): string {
    const end = this.pattern.indexOf('\\E', this.at);
    const text = this.pattern.substring(this.at + 2, end === -1 ? undefined : end);
    this.at = end === -1 ? this.pattern.length : end + 2;
    return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  }

  private commonEscape(next: string): string {
    const code = /^\\(?:x\{([0-9a-fA-F]+)\}|x([0-9a-fA-F]{0,2}))/.exec(this.rest);
    if (code) return this.take(code[0].length, `\\u{${code[1] || code[2] || '0'}}`);
    const octal = /^\\(?:o\{([0-7]+)\}|(0[0-7]{0,2}))/.exec(this.rest);
    if (octal)
      return this.take(octal[0].length, `\\u{${Number.parseInt(octal[1] ?? octal[2] ?? '0', 8).toString(16)}}`);
    const property = /^\\([pP])(?:\{(\w+)\}|([A-Z]))/.exec(this.rest);
    if (property) return this.take(property[0].length, `\\${property[1]}{${property[2] ?? property[3]}}`);
    const named = /^\\(?:k\{(\w+)\}|k'(\w+)'|k<(\w+)>|g\{?(\w+)\}?)/.exec(this.rest);
    if (named) return this.take(named[0].length, reference(named.slice(1).find(Boolean) ?? ''));
    if (/[dDwWbBnrtf1-9]/.test(next)) return this.take(2);
    if (/[a-zA-Z]/.test(next)) throw new Error(`unrecognized character follows \\: ${next}`);
    // Anything else stands for itself; `u` mode allows a backslash before syntax characters only.
    return this.take(2, /[\\^$.*+?()[\]{}|/]/.test(next) ? `\\${next}` : next === '-' ? '\\x2d' : next);
  }

  private characterClass(): string {
    let out = this.take(this.pattern[this.at + 1] === '^' ? 2 : 1);
    // A bracket right after the opening one is a character.
    if (this.pattern[this.at] === ']') out += this.take(1, '\\]');
    while (this.pattern[this.at] !== ']') {
      if (this.at >= this.pattern.length) throw new Error('missing terminating ] for character class');
      out += this.classMember(out);
    }
    return out + this.take(1);
  }

  private classMember(before: string): string {
    const rest = this.rest;
    const char = rest[0] ?? '';
    const posix = /^\[:(\^?)(\w+):\]/.exec(rest);
    if (posix) {
      const members = POSIX[posix[2] ?? ''];
      if (members === undefined || posix[1]) throw new Error('unknown POSIX class name');
      return this.take(posix[0].length, members);
    }
    if (char === '\\') return this.classEscape(rest[1] ?? '');
    // A dash beside a class like \w is a character in PCRE and an error in JavaScript.
    if (char === '-' && (/\\[wWdD]$/.test(before) || /^-(\\[wWdDsSh]|\])/.test(rest))) return this.take(1, '\\-');
    return this.take(1, /[[\](){}/|^$.*+?]/.test(char) ? `\\${char}` : char);
  }

  private classEscape(next: string): string {
    if (CLASS_ESCAPES[next] !== undefined) return this.take(2, CLASS_ESCAPES[next]);
    if (next === 'S') return this.take(2, '\\u{0}-\\u{8}\\u{e}-\\u{1f}!-\\u{10ffff}');
    if (next === 'b') return this.take(2, '\\x08');
    if (next === '-') return this.take(2, '\\-');
    if (NEGATED[next] !== undefined) throw new Error(`\\${next} in a class is not supported`);
    return this.commonEscape(next);
  }

  private group(): string {
    const rest = this.rest;
    const comment = /^\(\?#[^)]*\)/.exec(rest);
    if (comment) return this.take(comment[0].length, '');
    const modes = /^\(\?([imsx]*)(?:-([imsx]+))?([:)])/.exec(rest);
    if (modes && (modes[1] || modes[2] || modes[3] === ')')) return this.inlineModes(modes);
    this.outer.push({ ...this.modes });
    const named = /^\(\?(?:P?<([A-Za-z_]\w*)>|'([A-Za-z_]\w*)')/.exec(rest);
    if (named) return this.take(named[0].length, `(?<${named[1] ?? named[2]}>`);
    const plain = /^(?:\(\?(?::|=|!|<=|<!)|\((?![?*]))/.exec(rest);
    if (!plain) throw new Error('unsupported group syntax');
    return this.take(plain[0].length);
  }

  /** `(?i)` for the rest of the group, `(?i:…)` for the group. JavaScript's `i` holds for all, so it must stand first. */
  private inlineModes(match: RegExpExecArray): string {
    const on = match[1] ?? '';
    const off = match[2] ?? '';
    const scoped = match[3] === ':';
    const turnsOn = on.includes('i') && !this.ignoreCase;
    if ((turnsOn && (scoped || this.at > 0)) || (off.includes('i') && this.ignoreCase)) {
      throw new Error('the option i must hold for the whole pattern');
    }
    if (turnsOn) this.ignoreCase = true;
    if (scoped) this.outer.push({ ...this.modes });
    const mode = (name: keyof Modes) => (this.modes[name] || on.includes(name)) && !off.includes(name);
    this.modes = { m: mode('m'), s: mode('s'), x: mode('x') };
    return this.take(match[0].length, scoped ? '(?:' : '');
  }
}

function reference(name: string): string {
  return /^\d+$/.test(name) ? `\\${name}` : `\\k<${name}>`;
}
