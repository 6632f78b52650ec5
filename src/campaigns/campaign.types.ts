import type { StampOptions } from '../stamping/stamping';
import type { Theme } from './theme';

/** The plain values that the campaigns room hands out. Live mongoose documents never leave it. */

export type CampaignStatus = 'draft' | 'open' | 'paused' | 'closed';
export type FieldType = 'text' | 'email' | 'phone' | 'select' | 'radio' | 'checkbox' | 'number' | 'country';

export interface Option {
  code: string;
  label: string;
}

/** One question of the form: a standard field (`email`, `firstName`, …) or an own question (`q.<key>`). */
export interface Field {
  key: string;
  type: FieldType;
  label: string;
  required: boolean;
  help?: string;
  /** Why the reader is asked: shown on demand beside the question. */
  why?: string;
  options?: Option[];
  /** Asked only of who chose one of these answers to an earlier question. */
  showIf?: { field: string; is: string[] };
}

/** A consent that the form asks for; `sponsor` names the controller when it is not the publisher. */
export interface Consent {
  key: string;
  sponsor?: string;
  /** What for, in the words of the library: `news by e-mail`. */
  purpose?: string;
  text: string;
  /** Counted by the product: a changed text is a new version. */
  version: number;
}

/** A message some days after the delivery, for whoever gave the consent that it names and has not taken it back. */
export interface FollowUp {
  afterDays: number;
  subject: string;
  body: string;
  /** Key of the consent that it is sent under. */
  consent: string;
}

/** The compiled whitepaper of a campaign: `hash` names the master (template + slots) in the store. */
export interface Whitepaper {
  /** SHA-256 of the uploaded PDF. */
  source: string;
  /** SHA-256 of the compiled template; the slots are kept with it. */
  master: string;
  /** Name of the download, e.g. `cloud-video-surveillance.pdf`. */
  fileName: string;
  pages: number;
  bytes: number;
}

/** What search engines and link previews are told, where it differs from title and introduction. */
export interface Search {
  title?: string;
  description?: string;
  noindex: boolean;
}

export interface Campaign {
  /** Its name for good: in files, exports, tokens and every row that belongs to it. */
  slug: string;
  /** The last part of its public addresses, once it was changed; `addressOf` knows. */
  address?: string;
  /** Where it was before: these lead on to the address. */
  formerAddresses?: string[];
  title: string;
  introduction: string;
  covered: string[];
  /** Who it is for, one kind of reader a line; may be missing. */
  audience?: string[];
  topics: string[];
  /** More about the paper on its landing page, in Markdown. */
  body?: string;
  /** What the thank-you page says besides, in Markdown. */
  thanks?: string;
  /** Slugs of campaigns to offer beside it; before those that share a topic. */
  related?: string[];
  search?: Search;
  /** Out of the staff's way; only what is a draft or closed. */
  archived?: boolean;
  status: CampaignStatus;
  opens?: Date;
  closes?: Date;
  form: { version: number; fields: Field[] };
  consents: Consent[];
  sponsors: string[];
  /** What to do with kinds of address. Disposable: refused; personal: accepted and marked, unless the campaign says otherwise. */
  addresses: { personal: 'accept' | 'refuse'; disposable: 'accept' | 'refuse' };
  mail: { subject: string; body: string; followUps?: FollowUp[] };
  /** The copy waits until the reader has confirmed the address. */
  confirmFirst?: boolean;
  stamp: StampOptions;
  /** The PDF as it was handed in; `publish` compiles it. */
  upload?: { file: string; bytes: number };
  /** What readers get; there once the campaign was published. */
  whitepaper?: Whitepaper;
  /** SHA-256 of the cover picture in the store, and its media type. */
  cover?: { file: string; type: string };
  /** How many pages after the cover everybody may see as small pictures; unset: three, but no more than a third of it. */
  previews?: number;
  article?: Article;
  /** Counts the changes, so that of two who edit at once the second is told. */
  revision?: number;
  createdAt?: Date;
}

/** A picture of a page or a cover; its bytes are a file in the store. */
export interface KeptPicture {
  name: string;
  page: number;
  type: string;
  width: number;
  height: number;
  file: string;
}

/** The text about the paper that carries the promo box; `markdown` marks its place with `<!-- promo -->`. */
export interface Article {
  title: string;
  author: { name: string; role?: string; bio?: string };
  date: string;
  category: string;
  related: string[];
  markdown: string;
}

/** Whether a reader may ask for the paper now; the dates and the status decide together. */
export type Availability = 'open' | 'paused' | 'closed' | 'hidden';

/** The publisher, from `site.yaml`. */
export interface Site {
  name: string;
  legalName: string;
  address: string;
  contactEmail: string;
  privacyUrl?: string;
  logo?: { file: string; type: string };
  mailFrom: string;
  locale: string;
  timezone: string;
  theme: Theme;
}
