import { request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import { messageOf } from '../errors';
import type { Sponsor } from '../sponsors/sponsors';
import { BadTarget, lookupOf, type TargetLimits, targetOf } from '../target';
import type { Campaign, Site } from './campaign.types';
import { LinkCheckModel, type LinkCheckRow } from './link-check.model';
import { linksIn } from './markdown';

/** Where a campaign's pages and messages lead outside: each address once. */
export function outsideLinks(campaign: Campaign, sponsors: Pick<Sponsor, 'privacyUrl'>[], site: Site): string[] {
  const { body = '', thanks = '', article, mail } = campaign;
  const letters = [mail, ...(mail.followUps ?? [])].map((letter) => letter.body);
  const written = [body, thanks, article?.markdown ?? '', ...letters].flatMap(linksIn);
  const notices = [site.privacyUrl, ...sponsors.map(({ privacyUrl }) => privacyUrl)];
  const all = [...written, ...notices].filter((url) => url !== undefined);
  // What a message fills in leads somewhere else for each reader.
  return [...new Set(all.filter((url) => /^https?:\/\//i.test(url) && !/\{\{|%7B%7B/i.test(url)))].sort();
}

/** What was found at these addresses, of those that were looked at. */
export async function checkedLinks(urls: string[]): Promise<LinkCheckRow[]> {
  return LinkCheckModel.find({ _id: { $in: urls } }).lean();
}

/** Asks each address whether it is still there, all at once, and keeps what they said. Never rejects for what they say. */
export async function checkLinks(urls: string[], limits: TargetLimits, now: Date): Promise<void> {
  const found = await Promise.all(urls.map((url) => ask(url, limits)));
  const writes = urls.map((url, i) => ({
    updateOne: { filter: { _id: url }, update: { $set: { ...(found[i] ?? UNKNOWN), at: now } }, upsert: true },
  }));
  if (writes.length > 0) await LinkCheckModel.bulkWrite(writes);
}

type Found = Pick<LinkCheckRow, 'state' | 'found'>;

const UNKNOWN: Found = { state: 'unknown', found: 'no answer in time' };
/** Somebody waits for the answer. */
const PATIENCE_MS = 5000;
const REDIRECTS_MAX = 5;

async function ask(url: string, limits: TargetLimits): Promise<Found> {
  const ends = AbortSignal.timeout(PATIENCE_MS);
  // A question to DNS can't be taken back, so that it may only be left waiting.
  const late = new Promise<Found>((resolve) => ends.addEventListener('abort', () => resolve(UNKNOWN), { once: true }));
  return Promise.race([follow(url, limits, ends, REDIRECTS_MAX), late]);
}

async function follow(url: string, limits: TargetLimits, ends: AbortSignal, left: number): Promise<Found> {
  try {
    const { status, location } = await statusOf(url, limits, ends);
    const isMoved = status >= 300 && status < 400 && location !== undefined;
    if (isMoved && left === 0) return { state: 'unknown', found: 'it is sent on without end' };
    if (isMoved) return await follow(new URL(location, url).href, limits, ends, left - 1);
    if (status === 404 || status === 410) return { state: 'gone', found: `it answers ${status}` };
    // A server that keeps robots out (401, 403, 405, 429) is there.
    return { state: status >= 500 ? 'unknown' : 'alive', found: `it answers ${status}` };
  } catch (error) {
    if (error instanceof BadTarget) return { state: 'unknown', found: error.message };
    return { state: 'unknown', found: ends.aborted ? UNKNOWN.found : wordsOf(error) };
  }
}

const wordsOf = (error: unknown): string => ((error as NodeJS.ErrnoException).code ?? messageOf(error)).slice(0, 100);

/** Of the answer only its head is read. */
async function statusOf(
  url: string,
  limits: TargetLimits,
  signal: AbortSignal,
): Promise<{ status: number; location: string | undefined }> {
  const target = await targetOf(url, limits, { plain: true });
  const request = target.url.protocol === 'http:' ? requestPlain : requestTls;
  return new Promise((resolve, reject) => {
    const headers = { 'user-agent': 'Gatefold (link check)', accept: '*/*' };
    const asked = request(target.url, { headers, lookup: lookupOf(target), agent: false, signal }, (response) => {
      resolve({ status: response.statusCode ?? 0, location: response.headers.location });
      response.on('error', () => undefined);
      response.destroy();
    });
    asked.on('error', reject);
    asked.end();
  });
}
