/** The plain values that the leads room hands out. */

/** Values by form key: standard fields as they are, own questions under `q`. Empty answers are left out. */
export interface Answers {
  email: string;
  firstName?: string;
  lastName?: string;
  company?: string;
  jobTitle?: string;
  country?: string;
  phone?: string;
  /** E.164 form of `phone`, when it could be read as a number. */
  phoneE164?: string;
  q: Record<string, string | number | string[]>;
}

/** Evidence of one consent as it was shown and answered, or taken back (GDPR Art. 7(1), (3)); never changed afterwards. */
export interface ConsentEvidence {
  key: string;
  sponsor?: string;
  version: number;
  text: string;
  given: boolean;
  /** How it was answered: a checkbox that was there unticked; or taken back later. */
  how: 'checkbox' | 'withdrawn';
  page: string;
  at: Date;
}

export interface Attribution {
  utmSource?: string;
  utmMedium?: string;
  utmCampaign?: string;
  utmTerm?: string;
  utmContent?: string;
  /** The embedding article. */
  ref?: string;
}

export type AddressClass = 'business' | 'personal' | 'disposable';

/** Why a request is kept from sponsors and figures until staff decide. */
export type Suspicion = 'honeypot';

/** One filled-in form: the first makes the lead, later ones with the same address are repeats of it. */
export interface LeadRequest {
  /** Printed on the copy: `7F3K-92QX-ABCD`. */
  ref: string;
  lead: string;
  campaign: string;
  at: Date;
  formVersion: number;
  /** The master that this request's copy is made from: a replaced PDF reaches later requests only. */
  whitepaper: { master: string; fileName: string };
  answers: Answers;
  consents: ConsentEvidence[];
  attribution: Attribution;
  addressClass: AddressClass;
  suspicions: Suspicion[];
  client: { ip: string; userAgent: string };
  /** Set when the POST behind the mail's button proved the mailbox. */
  provedAt?: Date;
  /** The copy is held until the mailbox is proved: the page after the form said so. */
  confirmFirst?: true;
  /** The request that this one puts right: the reader had mistyped the address. */
  corrects?: string;
  /** Set when the reader corrected the address of this request. */
  correctedAt?: Date;
  /** Staff tried the campaign: it goes through capture and delivery, and nothing else ever sees it. */
  test?: true;
}

/**
 * `quarantined` waits for staff, `rejected` is their no, `superseded` had a mistyped address that its reader corrected
 * before anybody proved it, `undeliverable` has an address that its mail came back from for good. Only active leads reach
 * sponsors.
 */
export type LeadStatus = 'active' | 'quarantined' | 'rejected' | 'superseded' | 'undeliverable';

export interface Lead {
  /** The reference of its first request. */
  id: string;
  campaign: string;
  email: string;
  status: LeadStatus;
  /** What sponsors see: the first request, until a proved repeat replaces it. */
  current: { ref: string; answers: Answers; consents: ConsentEvidence[]; attribution: Attribution; at: Date };
  addressClass: AddressClass;
  suspicions: Suspicion[];
  capturedAt: Date;
  verifiedAt?: Date;
  /** When its mail came back for good, and the remote mail server's words. */
  undelivered?: { at: Date; words: string };
  /** When the ledger last decided on it; missing while it still has to. */
  settledAt?: Date;
  /** A test lead: kept apart from the others, so that no list, figure, ledger or export can meet it. */
  test?: true;
  /** Counts the changes of what sponsors see and of the status, so that nobody decides on what has changed meanwhile. */
  revision: number;
}

/** What somebody of the staff wrote about a lead. */
export interface LeadNote {
  id: string;
  by: string;
  text: string;
  at: Date;
}

/** What the back of the house owes after a request was captured. */
export type Wanted = 'deliver' | 'settle';
