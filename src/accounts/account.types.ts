/** Staff: admin (everything), marketer (campaigns and leads), analyst (looks on). Sponsors: their own leads only. */
export type Role = 'admin' | 'marketer' | 'analyst' | 'sponsor-admin' | 'sponsor-member';

export interface Account {
  id: string;
  email: string;
  name: string;
  role: Role;
  /** Slug of the sponsor that a sponsor role belongs to. */
  sponsor?: string;
  createdAt: Date;
  /** When they last chose a new password; whoever signed in before signs in anew. */
  passwordAt?: Date;
  disabledAt?: Date;
  /** There until they have chosen a password. */
  invited?: true;
  /** Since when they prove themselves with a second factor, too. */
  secondAt?: Date;
  /** How often they get the digest of new leads, when they asked for it. */
  digest?: DigestRhythm;
  /** When the next digest is due. */
  digestAt?: Date;
}

export type DigestRhythm = 'daily' | 'weekly';

/** One browser in which a person is signed in. */
export interface SignedIn {
  id: string;
  since: Date;
  seenAt: Date;
  ip: string;
  userAgent: string;
}

/** A change, a look at personal data, or something about signing in. */
export type AuditKind = 'change' | 'read' | 'access';

/** One line of the audit log. */
export interface AuditEntry {
  /** Its place in the log, from 1. */
  n: number;
  at: Date;
  /** An account's address, or `cli:<os user>`. */
  actor: string;
  /** The network address of the request. */
  ip?: string;
  kind: AuditKind;
  action: string;
  subject: string;
  /** Everything that it was about, the subject included. */
  subjects?: string[];
  before?: Record<string, unknown>;
  after?: Record<string, unknown>;
  /** Over this entry and the hash of the one before. */
  hash: string;
}
