/** What a key may be used for. A sponsor's key has only those of the sponsor, whatever else it was given. */
export type ApiVerb =
  | 'campaigns:read'
  | 'campaigns:write'
  | 'leads:read'
  | 'leads:write'
  | 'ledger:read'
  | 'returns:write'
  | 'dispositions:write'
  | 'exports:read'
  | 'destinations:write';

/** A key of the API: a program that acts for the publisher or for one sponsor. */
export interface ApiKey {
  id: string;
  /** What its maker calls it: `CRM of Acme`. */
  name: string;
  /** Slug of the sponsor it acts for; missing: the publisher. */
  sponsor?: string;
  /** Slugs of the only campaigns it reaches; missing: all of its holder's. */
  campaigns?: string[];
  verbs: ApiVerb[];
  createdAt: Date;
  /** Address of whoever made it. */
  createdBy: string;
  expiresAt?: Date;
  lastUsedAt?: Date;
  revokedAt?: Date;
  /** When the secret was last replaced. */
  rotatedAt?: Date;
}

/** What somebody asks for when they make a key. */
export type NewApiKey = Pick<ApiKey, 'name' | 'verbs' | 'createdBy'> &
  Partial<Pick<ApiKey, 'sponsor' | 'campaigns' | 'expiresAt'>>;
