import type { CampaignFile } from './campaign.file';

/** What goes from the file into the campaign as it is. */
export function termsOf(file: CampaignFile) {
  const { title, introduction, covered, audience, topics, opens, closes, addresses, mail, confirmFirst, stamp } = file;
  const { address, formerAddresses, body, thanks, related, search, archived, previews } = file;
  return {
    title,
    introduction,
    covered,
    audience,
    topics,
    ...given({ address, body, thanks, search, previews }),
    formerAddresses,
    related,
    archived,
    ...(opens ? { opens } : {}),
    ...(closes ? { closes } : {}),
    sponsors: file.sponsors.map(({ slug }) => slug),
    addresses,
    mail,
    confirmFirst,
    stamp,
  };
}

/** Without what is missing: the store keeps no empty keys. */
function given<T extends object>(values: T): { [key in keyof T]: NonNullable<T[key]> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [key in keyof T]: NonNullable<T[key]>;
  };
}
