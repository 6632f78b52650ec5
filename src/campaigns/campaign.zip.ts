import { buffer } from 'node:stream/consumers';
import { type Entry, fromBufferPromise, type ZipFile } from 'yauzl';
import { ZipFile as ZipWriter } from 'yazl';
import { GatefoldError, messageOf } from '../errors';
import { type CampaignFiles, isCampaignFile } from './campaign.folder';

const MB = 1024 * 1024;
/** What a file of a campaign may unpack to; a ZIP bomb ends here. */
const SIZE_MAX: Record<string, number> = { 'campaign.yaml': MB, 'article.md': MB, 'whitepaper.pdf': 50 * MB };
const COVER_MAX = 20 * MB;
const ENTRIES_MAX = 1000;

/** A campaign's files as one archive, for whoever takes it to another installation. */
export async function zipOf(files: CampaignFiles): Promise<Buffer> {
  const zip = new ZipWriter();
  // The day is none of ours to tell, and the same campaign gives the same archive.
  for (const [name, bytes] of files) zip.addBuffer(bytes, name, { mtime: new Date('2000-01-01T00:00:00') });
  zip.end();
  return buffer(zip.outputStream);
}

/**
 * The files of a campaign in an archive, in its root or in its one folder. Other files are passed over, as they are in a
 * folder.
 * @throws GatefoldError `zip-unreadable`
 */
export async function filesInZip(bytes: Buffer): Promise<CampaignFiles> {
  try {
    return await filesOf(await fromBufferPromise(bytes));
  } catch (error) {
    throw error instanceof GatefoldError ? error : unreadable(messageOf(error));
  }
}

async function filesOf(zip: ZipFile): Promise<CampaignFiles> {
  const files = new Map<string, Buffer>();
  for await (const entry of zip.eachEntry()) {
    if (zip.entriesRead > ENTRIES_MAX) throw unreadable(`it has more than ${ENTRIES_MAX} files`);
    const name = nameIn(entry.fileName);
    if (name === undefined) continue;
    if (files.has(name)) throw unreadable(`it has ${name} twice`);
    files.set(name, await unpacked(zip, entry, SIZE_MAX[name] ?? COVER_MAX));
  }
  return files;
}

/** `campaign.yaml` and `locks-and-keys/campaign.yaml`, and not what macOS adds. */
function nameIn(path: string): string | undefined {
  const [name = '', ...folders] = path.split('/').reverse();
  return folders.length <= 1 && !folders[0]?.startsWith('__') && isCampaignFile(name) ? name : undefined;
}

/** yauzl holds a stream to the size that its entry states. */
async function unpacked(zip: ZipFile, entry: Entry, max: number): Promise<Buffer> {
  if (entry.uncompressedSize > max) throw unreadable(`${entry.fileName} is larger than ${max / MB} MB`);
  return buffer(await zip.openReadStreamPromise(entry));
}

function unreadable(reason: string): GatefoldError {
  return new GatefoldError('invalid', 'zip-unreadable', {
    log: `not the archive of a campaign: ${reason}`,
    reader: `This is not the archive of a campaign: ${reason}.`,
    wayOut: 'Take the ZIP file that “Export” on a campaign’s page gives, or pack a campaign’s folder.',
  });
}
