/** Languages, dates and countries as the publisher's site wants them. */

/** `24 Nov 2026` in the site's language and time zone. */
export function shortDate(date: Date, locale: string, timeZone: string): string {
  return new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric', timeZone }).format(date);
}

/** `24 November 2026 at 11:05` in the site's language and time zone. */
export function longDateTime(date: Date, locale: string, timeZone: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short', timeZone }).format(date);
}

/** `November 2026` in the site's language. @param key `2026-11` */
export function monthName(key: string, locale: string): string {
  const first = new Date(`${key}-01T00:00:00Z`);
  return new Intl.DateTimeFormat(locale, { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(first);
}
