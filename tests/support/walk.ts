import type { Page } from 'playwright-core';
import type { Reader } from './cast';

/** Fills in the cloud video campaign's form as a reader would, and leaves it unsent. */
export async function fillCloudForm(page: Page, reader: Reader, consent = true): Promise<void> {
  for (const key of ['email', 'firstName', 'lastName', 'company'] as const) {
    await page.locator(`[name="${key}"]`).fill(reader[key]);
  }
  await page.locator('[name="jobTitle"]').fill('Facilities manager');
  await page.locator('[name="country"]').selectOption(reader.country);
  await page.locator('[name="q.units"]').selectOption('1000-4999');
  await page.locator('[name="q.vms"]').first().check();
  await page.locator('[name="q.challenges"]').first().check();
  if (consent) await page.locator('[name="consent.acme-cloud"]').check();
}

/** Sends the form and waits for the next page. The form's token must be three seconds old, as a person's always is. */
export async function send(page: Page): Promise<void> {
  await page.waitForTimeout(3100);
  await Promise.all([page.waitForLoadState('load'), page.locator('form [type="submit"]').first().click()]);
}
