import type { Attachment, ParsedMail } from 'mailparser';
import { type BounceKind, bounceKind } from './bounce-kind';

/** What a mail server or a mailbox provider reports about one of our messages. */
export type Report =
  | { what: 'bounced'; kind: BounceKind; words: string; messageId?: string; returnPath?: string }
  | { what: 'delayed'; words: string; messageId?: string; returnPath?: string }
  | { what: 'complained'; words: string; messageId?: string; returnPath?: string };

const WORDS_MAX = 500;

type Fields = ReadonlyMap<string, string>;

/**
 * Reads a delivery status notification (RFC 3464) or an abuse report (ARF, RFC 5965).
 * @returns null for anything else: an out-of-office note, a notice of success, a person's answer
 */
export async function readReport(raw: Buffer): Promise<Report | null> {
  const { simpleParser } = await import('mailparser');
  const mail = await simpleParser(raw, { keepDeliveryStatus: true }).catch(() => null);
  if (!mail) return null;
  const original = await originalOf(mail);
  const status = partOf(mail, 'message/delivery-status');
  if (status) return statusReport(await groupsOf(status), original);
  const feedback = partOf(mail, 'message/feedback-report');
  return feedback ? abuseReport(await groupsOf(feedback), original) : null;
}

type Original = { messageId?: string };

function partOf(mail: ParsedMail, type: string): Attachment | undefined {
  return mail.attachments.find(({ contentType }) => contentType === type);
}

/** Our message, whole or its headers alone, as the report encloses it. */
async function originalOf(mail: ParsedMail): Promise<Original> {
  const part = partOf(mail, 'message/rfc822') ?? partOf(mail, 'text/rfc822-headers');
  const text = part?.content.toString('utf8') ?? mail.text ?? '';
  const [, messageId] = /^message-id:\s*(<[^<>\s]+>)/im.exec(text) ?? [];
  return messageId ? { messageId } : {};
}

/** RFC 3464, 2.1: groups of header-like fields with an empty line between; the first is about the message as a whole. */
async function groupsOf({ content }: Attachment): Promise<Fields[]> {
  const groups = content
    .toString('utf8')
    .replace(/\r\n?|\n/g, '\r\n')
    .split(/(?:\r\n){2,}/)
    .filter((group) => group.trim() !== '');
  return Promise.all(groups.map(fieldsOf));
}

async function fieldsOf(group: string): Promise<Fields> {
  const { simpleParser } = await import('mailparser');
  const { headers } = await simpleParser(`${group}\r\n\r\n`);
  return new Map([...headers].flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])));
}

function statusReport(groups: Fields[], original: Original): Report | null {
  const recipients = groups.filter((fields) => fields.has('action'));
  const failed = recipients.find((fields) => actionOf(fields) === 'failed');
  if (failed) {
    const words = wordsOf(failed);
    const status = failed.get('status');
    return { what: 'bounced', kind: bounceKind(words, status ? { status } : {}), words, ...original };
  }
  const delayed = recipients.find((fields) => actionOf(fields) === 'delayed');
  return delayed ? { what: 'delayed', words: wordsOf(delayed), ...original } : null;
}

const actionOf = (fields: Fields): string => (fields.get('action') ?? '').trim().toLowerCase();

/** `smtp; 550 5.1.1 no such user` without its type; a report without a diagnostic has its status at least. */
function wordsOf(fields: Fields): string {
  const diagnostic = fields.get('diagnostic-code')?.replace(/^\s*[\w.-]+\s*;\s*/, '');
  const remote = fields.get('remote-mta')?.replace(/^\s*dns\s*;\s*/i, '');
  const words = diagnostic || `status ${fields.get('status') ?? 'unknown'}`;
  return (remote ? `${words} (said by ${remote})` : words).replace(/\s+/g, ' ').slice(0, WORDS_MAX);
}

/** RFC 5965, 3.1: `not-spam` takes a complaint back and is none. */
function abuseReport([fields, ...more]: Fields[], original: Original): Report | null {
  const type = fields?.get('feedback-type')?.trim().toLowerCase();
  if (!fields || more.length > 0 || !type || type === 'not-spam') return null;
  const from = fields.get('original-mail-from')?.replace(/[<>\s]/g, '');
  const by = fields.get('user-agent') ?? fields.get('reporting-mta') ?? 'the mailbox provider';
  const words = `reported as ${type} by ${by}`.replace(/\s+/g, ' ').slice(0, WORDS_MAX);
  return { what: 'complained', words, ...original, ...(from && { returnPath: from }) };
}
