import { Readable } from 'node:stream';

/** One message to one person. Only that person stands in the envelope. */
export interface Message {
  /** With angle brackets; the same again on every repeat of one delivery. */
  messageId: string;
  to: { name: string; address: string };
  subject: string;
  text: string;
  html: string;
  attachment?: Attachment;
  /** Whoever holds it gets into an account of ours: the outbox shows it to administrators only. */
  opensAccount?: true;
  /** Where one click takes the reader off (RFC 8058); for messages that nobody asked for. */
  unsubscribe?: string;
  /** Local part of the return address that names this message (VERP); used when reports of failure come to us. */
  returnTo?: string;
}

/** Who a message is from: in its header, and in the envelope, where failures are reported to. */
export interface From {
  from: string;
  envelopeFrom: string;
}

export interface Attachment {
  /** ASCII letters, digits, dot, hyphen, underscore. */
  fileName: string;
  contentType: string;
  /** The content in base64, lines of 76 characters ending in CRLF (RFC 2045, 6.8), anew at each call. */
  base64(): Readable;
}

/** What nodemailer takes for one message. The attachment is a ready-made MIME part, so that nothing encodes it again. */
export function nodemailerOptions(message: Message, { from, envelopeFrom }: From) {
  return {
    from,
    // As objects: a library that reads them anew drops quotes.
    envelope: { from: envelopeFrom, to: [{ name: '', address: message.to.address }] },
    to: { name: oneLine(message.to.name), address: message.to.address },
    subject: oneLine(message.subject),
    messageId: message.messageId,
    headers: headersOf(message),
    text: crlf(message.text),
    html: crlf(message.html),
    ...(message.attachment && { attachments: [{ raw: mimePart(message.attachment) }] }),
  };
}

/**
 * RFC 3834, 5: no out-of-office note answers a machine. RFC 8058, 3.1: both unsubscribe headers, each on one line as it
 * is, because a long address that a library folds no longer has the DKIM signature that was made of it.
 */
function headersOf({
  unsubscribe,
}: Message): { key: string; value: { prepared: true; foldLines: false; value: string } }[] {
  const listed = unsubscribe
    ? { 'List-Unsubscribe': `<${unsubscribe}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' }
    : {};
  return Object.entries({ 'Auto-Submitted': 'auto-generated', ...listed }).map(([key, value]) => ({
    key,
    value: { prepared: true, foldLines: false, value },
  }));
}

/**
 * Whether a text is one mailbox and nothing else: no second address, no line end, no `<…>`. The form lets nothing else in;
 * a mail library may read more into it, so it is asked again where the envelope is written (RFC 5321, 4.1.2).
 */
export function isOneAddress(text: string): boolean {
  return /^(?:"(?:[^"\\\p{C}]|\\[^\p{C}])+"|[^\s"(),:;<>@[\\\]\p{C}]+)@[^\s"(),:;<>@[\\\]\p{C}]+$/u.test(text);
}

/** Nothing a reader typed may end a header line (CWE-93). */
function oneLine(value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must go
  return value.replace(/[\u0000-\u001f\u007f\u2028\u2029]+/g, ' ').trim();
}

/** Lines end in CRLF everywhere (RFC 5322, 2.1), so that the file in the outbox is what would go out. */
function crlf(text: string): string {
  return text.replace(/\r\n?|\n/g, '\r\n');
}

function mimePart(attachment: Attachment): Readable {
  if (!/^[\w.-]+$/.test(attachment.fileName)) throw new Error(`not a file name for a header: ${attachment.fileName}`);
  const head = [
    `Content-Type: ${attachment.contentType}; name="${attachment.fileName}"`,
    'Content-Transfer-Encoding: base64',
    `Content-Disposition: attachment; filename="${attachment.fileName}"`,
    '',
    '',
  ].join('\r\n');
  return Readable.from(
    (async function* () {
      yield head;
      yield* attachment.base64();
    })(),
  );
}
