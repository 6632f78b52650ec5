import { randomBytes } from 'node:crypto';
import { PDFDocument } from 'pdf-lib';
import * as campaigns from '../../src/campaigns/campaigns';
import { CAMPAIGN_YAML, folderWith } from '../campaigns/folder';
import { ask, useDesk } from './desk';

/** Contract: attached up to 7 MB as encoded, which is 5,115,384 bytes; the link always. */
const { services, sink, work } = useDesk();

async function publishPaperOf(bytes: number): Promise<void> {
  const document = await PDFDocument.create();
  const page = document.addPage([595, 842]);
  page.drawText('A heavy picture', { x: 50, y: 700 });
  const picture = document.context.stream(randomBytes(bytes), {
    Type: 'XObject',
    Subtype: 'Image',
    Width: bytes,
    Height: 1,
    BitsPerComponent: 8,
    ColorSpace: 'DeviceGray',
  });
  page.node.newXObject('Picture', document.context.register(picture));
  const folder = folderWith({ 'campaign.yaml': CAMPAIGN_YAML, 'whitepaper.pdf': await document.save() });
  await campaigns.importCampaign(folder, { actor: 'test', dataDir: services.config.dataDir });
}

test.each([
  [5_000_000, 1, 'is attached'],
  [5_200_000, 0, 'is too large to attach'],
])('a paper of %i bytes: %i attachment', async (bytes, attachments, words) => {
  await publishPaperOf(bytes);
  const { ref } = await ask(services);
  expect(await work(ref)).toEqual({ state: 'done' });
  const [received] = sink().received;
  expect(received?.mail.attachments).toHaveLength(attachments);
  expect(received?.mail.text).toContain(words);
  expect(received?.mail.html).toContain(words);
  expect(received?.mail.text).toContain('/d/');
  if (attachments) expect(received?.raw.length).toBeLessThan(7_020_000);
});
