import { join } from 'node:path';
import ejs from 'ejs';
import type { Campaign, FollowUp } from '../campaigns/campaign.types';
import * as campaigns from '../campaigns/campaigns';
import type { ConsentEvidence, LeadRequest } from '../leads/leads';
import type { Links } from '../links';
import { longDateTime } from '../locale';
import type { Message } from '../mail/mail';
import * as sponsors from '../sponsors/sponsors';
import type { Copy } from '../stamping/stamping';
import { readerName } from './copy';
import { generationOf } from './reader-links';

const VIEWS = join(__dirname, '../../views/deliveries');
/** A line of a body that is this long was wrapped by its writer's editor. */
const FULL_LINE = 60;

/** What every letter has. */
interface Base {
  request: LeadRequest;
  campaign: Campaign;
  messageId: string;
  links: Links;
  now: Date;
}

/** What was asked for; up to `attachedMax` bytes as encoded it is attached (contract: 7 MB), above that the link alone. */
interface CopyLetter {
  kind: 'copy';
  copy: Copy;
  attachedMax: number;
}

/** The button that must be pressed before the copy comes. */
interface ConfirmationLetter {
  kind: 'confirmation';
}

interface FollowUpLetter {
  kind: 'follow-up';
  followUp: FollowUp;
  /** What it is sent under, as the reader agreed to it. */
  consent: ConsentEvidence;
  /** Where one click takes the consent back. */
  unsubscribe: string;
}

type Letter = Base & (CopyLetter | ConfirmationLetter | FollowUpLetter);

/**
 * Every message to a reader. What staff preview, what they send themselves, the copy, and what follows it are made here:
 * there is no other way to make one.
 */
export async function compose(letter: Letter): Promise<Message> {
  const { request, campaign, links, now, kind, messageId } = letter;
  const site = await campaigns.site();
  const generation = (await generationOf([request.ref])).get(request.ref);
  const token = links.readerToken(request.ref, 'mail', now, generation);
  const attached = letter.kind === 'copy' && encodedLength(letter.copy.length) <= letter.attachedMax;
  const variables = variablesOf(letter, site.name);
  const words = wordsOf(letter);
  const subject = fill(words.subject, variables);
  const date = (at: Date) => longDateTime(at, site.locale, site.timezone);
  const locals = {
    site,
    campaign,
    kind,
    subject,
    body: fill(words.body, variables).trim(),
    paragraphs: paragraphsOf(words.body).map((lines) => lines.map((line) => fill(line, variables))),
    attached,
    download: links.download(token),
    proof: links.proof(token),
    proved: request.provedAt !== undefined,
    own: links.own(token),
    privacy: links.privacy(),
    askedAt: date(request.at),
    agreed: letter.kind === 'follow-up' ? { text: letter.consent.text, at: date(letter.consent.at) } : undefined,
    unsubscribe: letter.kind === 'follow-up' ? letter.unsubscribe : '',
    ref: request.ref,
    sponsors: await agreedSponsors(request),
    address: [site.legalName, ...site.address.split('\n')]
      .map((line) => line.trim())
      .filter(Boolean)
      .join(', '),
  };
  const [text, html] = await Promise.all([render('letter.text.ejs', locals), render('letter.html.ejs', locals)]);
  return {
    messageId,
    to: { name: readerName(request.answers), address: request.answers.email },
    subject,
    text,
    html,
    ...(letter.kind === 'follow-up' && { unsubscribe: letter.unsubscribe }),
    ...(letter.kind === 'copy' && attached && { attachment: attachmentOf(letter.copy, request.whitepaper.fileName) }),
  };
}

/** Who asks a campaign for a paper that is held gets our words: the campaign's are about the paper itself. */
const CONFIRMATION = {
  subject: 'Confirm your address to get “{{title}}”',
  body: 'Dear {{name}},\n\nyou asked for “{{title}}”. Your copy is ready. It comes by e-mail as soon as you have confirmed that this is your address.',
};

function wordsOf(letter: Letter): { subject: string; body: string } {
  if (letter.kind === 'confirmation') return CONFIRMATION;
  return letter.kind === 'follow-up' ? letter.followUp : letter.campaign.mail;
}

/** Names of the sponsors whose box was ticked on this request's form. */
async function agreedSponsors({ consents }: LeadRequest): Promise<string[]> {
  const slugs = consents.flatMap(({ sponsor, given }) => (given && sponsor ? [sponsor] : []));
  const found = await Promise.all(slugs.map((slug) => sponsors.findSponsor(slug)));
  return found.flatMap((sponsor) => (sponsor ? [sponsor.name] : []));
}

function attachmentOf(copy: Copy, fileName: string): NonNullable<Message['attachment']> {
  const ascii = fileName.normalize('NFKD').replace(/[^\w.-]+/g, '-');
  return { fileName: ascii, contentType: 'application/pdf', base64: () => copy.base64() };
}

/** Base64 in lines of 76 characters and CRLF. */
function encodedLength(bytes: number): number {
  return Math.ceil(bytes / 57) * 78;
}

/** Who gave no first name is addressed by what there is, so that no letter begins with “Dear ,”. */
function variablesOf({ request, campaign }: Letter, publisher: string): Record<string, string> {
  const name = readerName(request.answers);
  const { email, firstName = name, lastName = '', company = '' } = request.answers;
  return { email, firstName, lastName, company, name, title: campaign.title, publisher };
}

/**
 * The body's paragraphs, each as the lines that a reader of HTML sees. Who writes a body in a file wraps its long lines:
 * those flow on; a line that ends early (a greeting, a signature) ends there.
 */
function paragraphsOf(body: string): string[][] {
  const flowing = (line: string) => (line.length < FULL_LINE ? `${line}\n` : `${line} `);
  return body
    .trim()
    .split(/\n\s*\n/)
    .map((paragraph) =>
      paragraph
        .split('\n')
        .map((line) => flowing(line.trim()))
        .join('')
        .trim()
        .split('\n'),
    );
}

/** Puts values for `{{name}}`; an unknown name stays as it is, so that the mistake shows in the preview. */
function fill(template: string, variables: Record<string, string>): string {
  return template.replace(/\{\{\s*(\w+)\s*\}\}/g, (whole, name: string) => variables[name] ?? whole);
}

function render(view: string, locals: object): Promise<string> {
  return ejs.renderFile(join(VIEWS, view), locals, { cache: true });
}
