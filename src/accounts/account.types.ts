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
}

/** One line of the audit log. */
export interface AuditEntry {
  at: Date;
  /** An account's address, or `cli:<os user>`. */
  actor: string;
  action: string;
  subject: string;
}
