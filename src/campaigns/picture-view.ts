import type { KeptPicture } from './campaign.types';

/** A picture as an `img` takes it. */
export interface ShownPicture {
  page: number;
  src: string;
  srcset: string;
  width: number;
  height: number;
}

/** The pictures of a campaign as its pages show them. */
export interface ShownPictures {
  cover: ShownPicture | undefined;
  /** The pages after the cover. */
  previews: ShownPicture[];
  /** The picture beside a link elsewhere, 1200 by 630. */
  card: { src: string; width: number; height: number } | undefined;
}

/** Addresses that change with the content, so that a browser may keep what it has. */
const sourceOf = (base: string, { name, file }: KeptPicture) => `${base}/pictures/${name}?v=${file.slice(0, 12)}`;

/**
 * Addresses and sizes for a page.
 * @param base where the pictures are served: `/w/<slug>`, or the staff site's
 */
export function showPictures(pictures: KeptPicture[], base: string): ShownPictures {
  const sizes = pictures.filter(({ type }) => type === 'image/webp');
  const pages = [...new Set(sizes.map(({ page }) => page))].sort((a, b) => a - b);
  const shown = pages.map((page) =>
    sizesOf(
      sizes.filter((one) => one.page === page),
      base,
    ),
  );
  const card = pictures.find(({ name }) => name === 'card.png');
  return {
    cover: shown.find(({ page }) => page === 1),
    previews: shown.filter(({ page }) => page > 1),
    card: card && { src: sourceOf(base, card), width: card.width, height: card.height },
  };
}

/** The smallest is the one for browsers that don't choose. */
function sizesOf(sizes: KeptPicture[], base: string): ShownPicture {
  const [smallest] = [...sizes].sort((a, b) => a.width - b.width);
  if (!smallest) throw new Error('a page without pictures');
  const { page, width, height } = smallest;
  const srcset = sizes.map((one) => `${sourceOf(base, one)} ${one.width}w`).join(', ');
  return { page, src: sourceOf(base, smallest), srcset, width, height };
}
