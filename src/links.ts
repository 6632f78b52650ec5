import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { type Limits, readLimits } from './limits';

/** Where a token was handed out. Only a `mail` token can prove a mailbox or open the reader's own page. */
export type Channel = 'page' | 'mail';

/** What a reader's token says. The request names its lead in the store, so a token never tells a known address. */
export interface ReaderToken {
  request: string;
  channel: Channel;
  expiresAt: Date;
  /** Links of a request that were given out before it was revoked have a lower one. */
  generation: number;
}

export type TokenReading = { state: 'valid' | 'expired'; token: ReaderToken } | { state: 'malformed' };
export type FormTokenState = 'valid' | 'young' | 'old' | 'forged';

const MAC_BYTES = 16;

/** How long what is signed is good for, in milliseconds. */
type Lives = Pick<Limits, 'linkLife' | 'formAgeMin' | 'formAgeMax'>;

/** Spells and signs every address that leaves the house, and reads back what it signed. */
export class Links {
  private readonly keys: Buffer[];

  /**
   * @param origin `PUBLIC_URL` without a trailing slash
   * @param secrets the first signs, all verify
   * @param lives by default those of the contract
   */
  constructor(
    readonly origin: string,
    secrets: readonly string[],
    private readonly lives: Lives = readLimits({}),
  ) {
    this.keys = secrets.map((secret) => Buffer.from(hkdfSync('sha256', secret, '', 'gatefold links', 32)));
  }

  catalogue = () => `${this.origin}/`;
  privacy = () => `${this.origin}/privacy`;
  landing = (slug: string) => `${this.origin}/w/${slug}`;
  article = (slug: string) => `${this.origin}/articles/${slug}`;
  thanks = (slug: string, token: string) => `${this.origin}/w/${slug}/thanks?t=${token}`;
  download = (token: string) => `${this.origin}/d/${token}`;
  proof = (token: string) => `${this.origin}/v/${token}`;
  unsubscribe = (token: string) => `${this.origin}/u/${token}`;
  own = (token: string) => `${this.origin}/me/${token}`;
  again = () => `${this.origin}/again`;
  setup = (token: string) => `${this.origin}/setup/${token}`;
  staff = () => `${this.origin}/staff`;
  portal = () => `${this.origin}/portal`;

  /** A token for one request by one channel, valid for LINK_LIFE from `now` or until its generation is revoked. */
  readerToken(request: string, channel: Channel, now: Date, generation = 0): string {
    const expires = Math.floor((now.getTime() + this.lives.linkLife) / 1000).toString(36);
    const parts = [
      channel === 'mail' ? 'm' : 'p',
      request,
      expires,
      ...(generation > 0 ? [generation.toString(36)] : []),
    ];
    const body = Buffer.from(parts.join('.')).toString('base64url');
    return `${body}.${this.mac('reader', body, this.signingKey()).toString('base64url')}`;
  }

  readReaderToken(text: string, now: Date): TokenReading {
    const [body, mac, ...rest] = text.split('.');
    if (!body || !mac || rest.length || !this.verifies('reader', body, mac)) return { state: 'malformed' };
    const [letter, request, expires, generation = '0'] = Buffer.from(body, 'base64url').toString('utf8').split('.');
    if (!letter || !request || !expires) return { state: 'malformed' };
    const expiresAt = new Date(Number.parseInt(expires, 36) * 1000);
    const channel = letter === 'm' ? 'mail' : 'page';
    const token: ReaderToken = { request, channel, expiresAt, generation: Number.parseInt(generation, 36) };
    return { state: expiresAt > now ? 'valid' : 'expired', token };
  }

  /** A token that takes one consent of a lead back. Good for ever: a message may be opened years later. */
  unsubscribeToken(lead: string, consent: string): string {
    const body = Buffer.from(`${lead}.${consent}`).toString('base64url');
    return `${body}.${this.mac('unsubscribe', body, this.signingKey()).toString('base64url')}`;
  }

  /** Null for one that we did not sign. */
  readUnsubscribeToken(text: string): { lead: string; consent: string } | null {
    const [body, mac, ...rest] = text.split('.');
    if (!body || !mac || rest.length || !this.verifies('unsubscribe', body, mac)) return null;
    const [lead = '', consent = ''] = Buffer.from(body, 'base64url').toString('utf8').split('.');
    return lead && consent ? { lead, consent } : null;
  }

  /** The hidden form token: depends only on campaign and second of issue, so that a page can be cached for it. */
  formToken(slug: string, now: Date): string {
    const issued = Math.floor(now.getTime() / 1000).toString(36);
    return `${issued}.${this.mac('form', `${slug}.${issued}`, this.signingKey()).toString('base64url')}`;
  }

  readFormToken(slug: string, text: unknown, now: Date): FormTokenState {
    const [issued, mac, ...rest] = typeof text === 'string' ? text.split('.') : [];
    if (!issued || !mac || rest.length || !this.verifies('form', `${slug}.${issued}`, mac)) return 'forged';
    const age = now.getTime() - Number.parseInt(issued, 36) * 1000;
    if (age < this.lives.formAgeMin) return 'young';
    return age > this.lives.formAgeMax ? 'old' : 'valid';
  }

  /** A keyed, deterministic name for something (e.g. the seed of a copy's /ID); not reversible without the secret. */
  seal(purpose: string, value: string): string {
    return this.mac(purpose, value, this.signingKey(), 32).toString('hex');
  }

  /** Whether a mark is the beginning of what `seal` gave, by any of our keys; at least 16 hex digits. */
  isSealed(purpose: string, value: string, mark: string): boolean {
    if (mark.length < 16) return false;
    return this.keys.some((key) => {
      const [whole, given] = [Buffer.from(this.mac(purpose, value, key, 32).toString('hex')), Buffer.from(mark)];
      return given.length <= whole.length && timingSafeEqual(whole.subarray(0, given.length), given);
    });
  }

  private signingKey(): Buffer {
    const [key] = this.keys;
    if (!key) throw new Error('Links needs at least one secret');
    return key;
  }

  private mac(purpose: string, value: string, key: Buffer, bytes = MAC_BYTES): Buffer {
    return createHmac('sha256', key).update(`${purpose}\n${value}`).digest().subarray(0, bytes);
  }

  private verifies(purpose: string, value: string, mac: string): boolean {
    const given = Buffer.from(mac, 'base64url');
    // Canonical spelling only: base64url ignores stray bits, and two spellings of one token would count twice.
    if (given.length !== MAC_BYTES || given.toString('base64url') !== mac) return false;
    return this.keys.some((key) => timingSafeEqual(this.mac(purpose, value, key), given));
  }
}
