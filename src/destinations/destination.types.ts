/** Where a sponsor's leads are sent, each once, by Standard Webhooks. */
export interface Destination {
  id: string;
  sponsor: string;
  name: string;
  url: string;
  /** Missing: every campaign of the sponsor's. */
  campaigns?: string[];
  /** The export profile whose columns a message has; missing: the contract's own. */
  profile?: string;
  state: 'active' | 'paused';
  /** Why it is paused, in words. */
  reason?: string;
  /** When a message was last taken. */
  takenAt?: Date;
  by: string;
  at: Date;
}

/** One try to hand a message over. What the other side answered besides its status is not kept. */
export interface Try {
  at: Date;
  /** How long it took, in milliseconds. */
  ms: number;
  status?: number;
  error?: string;
}

/** One lead for one destination; its id stays over tries and replays, so that a receiver knows it again. */
export interface Message {
  id: string;
  destination: string;
  sponsor: string;
  campaign: string;
  lead: string;
  at: Date;
  /** `withheld`: the sponsor may no longer have the lead. */
  state: 'waiting' | 'taken' | 'failed' | 'withheld';
  tries: Try[];
}
