import type { ChosenColumn, Look } from './profile.types';
import { standard } from './profile.types';

/** A look to begin with, made for one system's import or one use. */
export interface Preset {
  key: string;
  /** Takes readers who gave a consent of the publisher's own, so it is none for sponsors. */
  byConsent?: true;
  name: string;
  /** What the system does with it, for the person who chooses. */
  hint: string;
  look: Look & { columns: ChosenColumn[] };
}

const column = (source: string, header: string, ifEmpty = ''): ChosenColumn => ({ source, header, ifEmpty });

/**
 * Salesforce leads. The rules are theirs:
 * - CSV in UTF-8 with a comma, quotes doubled, no blanks around a value (Bulk API, "Valid CSV Record Rows"; help.salesforce.com,
 *   sales.sales_core_import_csv: Import from File takes UTF-8 only). The Data Import Wizard takes 50,000 rows a file.
 * - A lead needs a last name and a company, so an empty one carries the text that Salesforce's own forms use.
 * - Data Import Wizard and Data Loader both know these API names of the Lead object (Object Reference, Lead) by themselves.
 * - A dateTime is ISO 8601 with its zone (Bulk API, "Valid Date Format in Records"); several values of a multi-select
 *   picklist stand between semicolons without blanks (Data Import Wizard, "Prepare Your Data").
 */
const salesforce: Preset = {
  key: 'salesforce',
  name: 'Salesforce leads',
  hint: 'CSV for the Data Import Wizard (up to 50,000 rows a file) or Data Loader; map the columns ending in __c to fields of your own.',
  look: {
    ...standard('csv'),
    between: ';',
    columns: [
      column('last_name', 'LastName', '[not provided]'),
      column('first_name', 'FirstName'),
      column('company', 'Company', '[not provided]'),
      column('email', 'Email'),
      column('job_title', 'Title'),
      column('phone_e164', 'Phone'),
      column('country', 'Country'),
      column('text', 'LeadSource', 'Whitepaper'),
      column('text', 'Status', 'Open - Not Contacted'),
      column('campaign', 'Whitepaper__c'),
      column('captured_at', 'Captured_At__c'),
      column('lead_id', 'Gatefold_Lead_Id__c'),
    ],
  },
};

/**
 * HubSpot contacts. The rules are theirs (knowledge.hubspot.com, "Set up import files", 3 December 2024):
 * - .csv, .xlsx or .xls with one sheet, a header row whose names are those of properties, UTF-8, up to 1,048,576 rows.
 * - A contact needs a first name, last name or e-mail address, and is known again by its address.
 * - Several values of a checkbox property stand between semicolons (developers.hubspot.com, "How do I set multiple values
 *   for checkbox properties"); a phone number carries its country; a date property takes YYYY-MM-DD.
 */
const hubspot: Preset = {
  key: 'hubspot',
  name: 'HubSpot contacts',
  hint: 'CSV for Import, one object (contacts); the last three columns go to properties of your own.',
  look: {
    ...standard('csv'),
    between: ';',
    dates: 'date',
    answers: 'texts',
    columns: [
      column('email', 'Email'),
      column('first_name', 'First name'),
      column('last_name', 'Last name'),
      column('company', 'Company name'),
      column('job_title', 'Job title'),
      column('phone_e164', 'Phone number'),
      column('country', 'Country/Region'),
      column('campaign', 'Whitepaper'),
      column('captured_at', 'Whitepaper date'),
      column('lead_id', 'Gatefold lead ID'),
    ],
  },
};

/**
 * The publisher's own mailing list: who may be written to, and what proves it. Which consent that is, is chosen in the
 * form. UK GDPR article 7(1): whoever relies on consent has to be able to show it, so the columns of its words, version
 * and time are added once it is known.
 */
const newsletter: Preset = {
  key: 'newsletter',
  name: 'Publisher’s newsletter',
  hint: 'CSV for your mailing tool: only readers who gave your own consent and have neither withdrawn it nor unsubscribed.',
  byConsent: true,
  look: {
    ...standard('csv'),
    columns: [
      column('email', 'email'),
      column('first_name', 'first_name'),
      column('last_name', 'last_name'),
      column('company', 'company'),
      column('country', 'country'),
      column('campaign', 'whitepaper'),
    ],
  },
};

/** The columns that prove a consent. */
export const proofOf = (consent: string): ChosenColumn[] =>
  ['text', 'version', 'at'].map((what) => column(`consent_${consent}_${what}`, `consent_${what}`));

export const PRESETS: readonly Preset[] = [salesforce, hubspot, newsletter];
