import { join } from 'node:path';
import ejs from 'ejs';
import type { Campaign } from '../campaigns/campaign.types';
import * as campaigns from '../campaigns/campaigns';
import type { LeadRequest } from '../leads/leads';
import type { Links } from '../links';
import { longDateTime } from '../locale';
import type { Message } from '../mail/mail';
import * as sponsors from '../sponsors/sponsors';
import type { Copy } from '../stamping/stamping';
import { readerName } from './copy';

const VIEWS = join(__dirname, '../../views/deliveries');
/** A line of a body that is this long was wrapped by its writer's editor. */
const FULL_LINE = 60;

interface Letter {
  request: LeadRequest;
  campaign: Campaign;
  copy: Copy;
  messageId: string;
  links: Links;
  /** Attached up to so many bytes as encoded (contract: 7 MB); above that the link alone. */
  attachedMax: number;
  now: Date;
}

/** The message that brings a copy. What staff preview is what is sent: there is no other way to make one. */
export async function compose(letter: Letter): Promise<Message> {
  const { request, campaign, copy, links, now } = letter;
  const site = await campaigns.site();
  const token = links.readerToken(request.ref, 'mail', now);
  const attached = encodedLength(copy.length) <= letter.attachedMax;
  const variables = variablesOf(letter, site.name);
  const subject = fill(campaign.mail.subject, variables);
  const locals = {
    site,
    campaign,
    subject,
    body: fill(campaign.mail.body, variables).trim(),
    paragraphs: paragraphsOf(campaign.mail.body).map((lines) => lines.map((line) => fill(line, variables))),
    attached,
    download: links.download(token),
    proof: links.proof(token),
    privacy: links.privacy(),
    askedAt: longDateTime(request.at, site.locale, site.timezone),
    ref: request.ref,
    sponsors: await agreedSponsors(request),
    address: [site.legalName, ...site.address.split('\n')]
      .map((line) => line.trim())
      .filter(Boolean)
      .join(', '),
  };
  const [text, html] = await Promise.all([render('copy.text.ejs', locals), render('copy.html.ejs', locals)]);
  return {
    messageId: letter.messageId,
    to: { name: readerName(request.answers), address: request.answers.email },
    subject,
    text,
    html,
    ...(attached && { attachment: attachmentOf(copy, request.whitepaper.fileName) }),
  };
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
