import type { Request, Response } from 'express';
import { type Campaign, findCampaign, site, unknownCampaign } from '../campaigns/campaigns';
import { longDateTime, monthName, shortDate } from '../locale';
import { type Contract, findContract, findSponsor, moneyIn, type Sponsor } from '../sponsors/sponsors';
import type { Services } from '../web/services';
import { ruleWords } from './rule-words';
import type { Side } from './side.types';

/** What every page of a contract says. */
export type View = Awaited<ReturnType<typeof viewOf>>;

/** Finds the contract, and whom and what it is about, with the words of the site's language. */
export async function viewOf(side: Side, { now }: Services, request: Request, response: Response) {
  const slug = String(request.params['slug']);
  const { contract, campaign, sponsor } = await contractFor(slug, side.sponsor(request, response));
  const { locale, timezone, ...publisher } = await site();
  return {
    contract,
    campaign,
    sponsor,
    publisher,
    timezone,
    now: now(),
    staff: side.staff,
    may: side.may(response),
    base: side.base(slug, contract.sponsor),
    back: side.campaign(slug),
    rule: (rule: string) => ruleWords(rule, contract),
    day: (at: Date) => shortDate(at, locale, timezone),
    when: (at: Date) => longDateTime(at, locale, timezone),
    month: (key: string) => monthName(key, locale),
    money: (sum: Parameters<typeof moneyIn>[0]) => moneyIn(sum, locale),
  };
}

/** @throws GatefoldError `unknown-campaign`, the same when there is no such campaign and when it is not theirs */
export async function contractFor(
  slug: string,
  owner: string,
): Promise<{ contract: Contract; campaign: Campaign; sponsor: Sponsor }> {
  const [contract, campaign, sponsor] = await Promise.all([
    findContract(slug, owner),
    findCampaign(slug),
    findSponsor(owner),
  ]);
  if (!contract || !campaign || !sponsor) throw unknownCampaign(slug);
  return { contract, campaign, sponsor };
}
