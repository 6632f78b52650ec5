import type { Money } from './sponsor.types';

const WRITTEN = /^(\d{1,9})(?:\.(\d{1,4}))?\s*([A-Z]{3})$/;
const CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));

/**
 * Reads `45.50 GBP`: digits, a point, and the code of the currency (ISO 4217).
 * @returns null when it isn't one, or has more decimals than the currency
 */
export function readMoney(written: string): Money | null {
  const [, whole = '', decimals = '', currency = ''] = WRITTEN.exec(written.trim()) ?? [];
  if (!CURRENCIES.has(currency)) return null;
  const digits = decimalsOf(currency);
  if (decimals.length > digits) return null;
  return { amount: Number(whole + decimals.padEnd(digits, '0')), currency };
}

/** The same way back: `45.50 GBP`. */
export function writeMoney({ amount, currency }: Money): string {
  const digits = decimalsOf(currency);
  const text = String(amount).padStart(digits + 1, '0');
  const whole = text.slice(0, text.length - digits);
  return digits === 0 ? `${whole} ${currency}` : `${whole}.${text.slice(-digits)} ${currency}`;
}

/** As people of a language write it: `£45.50`. */
export function moneyIn({ amount, currency }: Money, locale: string): string {
  const sum = amount / 10 ** decimalsOf(currency);
  return new Intl.NumberFormat(locale, { style: 'currency', currency }).format(sum);
}

/** The sum of each currency, by its code. */
export function sumOf(sums: Money[]): Money[] {
  const totals = new Map<string, number>();
  for (const { amount, currency } of sums) totals.set(currency, (totals.get(currency) ?? 0) + amount);
  return [...totals].sort().map(([currency, amount]) => ({ amount, currency }));
}

/** Two for pounds, none for yen, three for dinars. */
function decimalsOf(currency: string): number {
  return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
}
