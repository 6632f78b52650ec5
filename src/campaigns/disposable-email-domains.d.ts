/** MIT-licensed data of https://github.com/ivolo/disposable-email-domains, pinned by package-lock.json. */
declare module 'disposable-email-domains' {
  /** Domains whose mailboxes are thrown away after minutes. */
  const domains: string[];
  export default domains;
}

declare module 'disposable-email-domains/wildcard.json' {
  /** Domains of which every subdomain is a throw-away mailbox too. */
  const domains: string[];
  export default domains;
}
