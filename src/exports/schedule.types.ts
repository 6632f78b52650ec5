/** Each day; each Monday; each first of a month. */
export const RHYTHMS = ['day', 'week', 'month'] as const;
export type Rhythm = (typeof RHYTHMS)[number];

/** When somebody is told that there are new leads to take: by mail, with a link and without the leads. */
export interface Schedule {
  id: string;
  /** Whose it is; missing for the publisher's. */
  sponsor?: string;
  campaign: string;
  /** Id of an export profile of the same owner. */
  profile: string;
  /** Who is told; nobody schedules mail to somebody else. */
  account: string;
  email: string;
  every: Rhythm;
  /** Full hour on the clock of `timeZone`. */
  hour: number;
  timeZone: string;
  /** Missing when it stopped. */
  nextAt?: Date;
  /** When it last ran, whether there was something new or not. */
  lastAt?: Date;
  /** Why it runs no more, in words. */
  stopped?: string;
  at: Date;
}
