import type { House } from './house';

/** Readers who ask for papers, some of them twice, whatever happens to the house meanwhile. */
export interface Asked {
  /** Token of the thank-you page, by the address that got a 303. */
  acknowledged: { email: string; token: string }[];
  /** Forms that got another answer, or none: whether they are on disk nobody was told. */
  unanswered: number;
  refused: Record<string, number>;
}

const SLUG = 'locks-and-keys';
const AT_ONCE = 8;
/** One reader in so many asks a second time. */
const REPEATS = 20;

/** Posts forms until so many have been acknowledged. @param asked filled in as they are */
export async function askFor(house: House, requests: number, token: string, asked: Asked): Promise<void> {
  let begun = 0;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (asked.acknowledged.length < requests) {
        begun += 1;
        const repeats = begun % REPEATS === 0 ? asked.acknowledged.at(-REPEATS)?.email : undefined;
        await post(house.url, repeats ?? `reader${begun}@homes-${begun % 97}.example`, token, asked);
      }
    }),
  );
}

export async function formToken(url: string): Promise<string> {
  const html = await (await fetch(`${url}/w/${SLUG}`)).text();
  const [, token] = /name="token" value="([^"]+)"/.exec(html) ?? [];
  if (!token) throw new Error('the landing page carries no form token');
  return token;
}

async function post(url: string, email: string, token: string, asked: Asked): Promise<void> {
  const body = new URLSearchParams({
    email,
    firstName: 'Ada',
    company: 'ACME Homes',
    country: 'GB',
    'q.units': 'lt1000',
    'consent.acme-cloud': 'yes',
    token,
  });
  try {
    const answer = await fetch(`${url}/w/${SLUG}`, {
      method: 'POST',
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(15_000),
    });
    await answer.arrayBuffer();
    const thanks = new URL(answer.headers.get('location') ?? '/', url).searchParams.get('t');
    if (answer.status === 303 && thanks) asked.acknowledged.push({ email, token: thanks });
    else asked.refused[answer.status] = (asked.refused[answer.status] ?? 0) + 1;
  } catch {
    asked.unanswered += 1;
    // Nobody is there: a reader tries again a moment later.
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
