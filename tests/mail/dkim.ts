import { createHash, createPublicKey, createVerify, generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './letter';

const { publicKey, privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

/** A key file as the settings name it; what `verifyDkim` verifies with. */
export function newKey(): { domain: string; selector: string; keyFile: string } {
  const keyFile = join(temporaryFolder(), 'dkim.pem');
  writeFileSync(keyFile, privateKey);
  return { domain: 'doors.example', selector: 's1', keyFile };
}

/**
 * Verifies the DKIM signature of a message as its receiver would (RFC 6376; relaxed/relaxed, rsa-sha256) with the key that DNS would hold.
 */
export function verifyDkim(raw: Buffer): { verified: boolean; signed: string[]; domain: string } {
  const text = raw.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  const headers = text.slice(0, end).split(/\r\n(?![ \t])/);
  const signature = headers.find((header) => /^dkim-signature:/i.test(header)) ?? '';
  const tags = Object.fromEntries(
    signature
      .slice(signature.indexOf(':') + 1)
      .replace(/\s+/g, '')
      .split(';')
      .map((tag) => [tag.slice(0, tag.indexOf('=')), tag.slice(tag.indexOf('=') + 1)]),
  );
  const bodyHash = createHash('sha256')
    .update(relaxedBody(text.slice(end + 4)), 'latin1')
    .digest('base64');
  const signed = (tags['h'] ?? '').toLowerCase().split(':');
  const verify = createVerify('RSA-SHA256');
  for (const header of pick(headers, signed)) verify.update(`${relaxedHeader(header)}\r\n`, 'latin1');
  verify.update(relaxedHeader(signature.replace(/(\bb=)[^;]*/, '$1')), 'latin1');
  const verified =
    tags['c'] === 'relaxed/relaxed' &&
    tags['bh'] === bodyHash &&
    verify.verify(createPublicKey(publicKey), tags['b'] ?? '', 'base64');
  return { verified, signed, domain: tags['d'] ?? '' };
}

/** RFC 6376, 5.4.2: of several headers with one name the last comes first. */
function pick(headers: string[], names: string[]): string[] {
  const left = [...headers];
  return names.flatMap((name) => {
    const at = left.findLastIndex((header) => header.toLowerCase().startsWith(`${name}:`));
    return at === -1 ? [] : left.splice(at, 1);
  });
}

function relaxedHeader(header: string): string {
  const colon = header.indexOf(':');
  const value = header
    .slice(colon + 1)
    .replace(/\r\n/g, '')
    .replace(/[ \t]+/g, ' ')
    .trim();
  return `${header.slice(0, colon).trim().toLowerCase()}:${value}`;
}

function relaxedBody(body: string): string {
  const lines = body.split('\r\n').map((line) => line.replace(/[ \t]+/g, ' ').replace(/ $/, ''));
  while (lines.at(-1) === '') lines.pop();
  return lines.map((line) => `${line}\r\n`).join('');
}
