/** A record as a DNS form asks for it. */
export interface DnsRecord {
  name: string;
  type: 'TXT' | 'MX';
  value: string;
}

/** One thing that decides whether mail arrives. */
export interface Check {
  what: 'Mail server' | 'SPF' | 'DKIM' | 'DMARC' | 'MX';
  /** The domain, host or record name that was looked at. */
  about: string;
  /** `unknown`: nobody answered, or it can't be told from here. */
  state: 'good' | 'warning' | 'bad' | 'unknown';
  found: string;
  advice?: string;
  /** What to add to DNS, or to put in the place of what is there. */
  record?: DnsRecord;
}
