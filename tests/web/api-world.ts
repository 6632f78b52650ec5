import mongoose from 'mongoose';
import { PDFDocument } from 'pdf-lib';
import { zipOf } from '../../src/campaigns/campaign.zip';
import { campaignFiles, findCampaign, saveCampaign } from '../../src/campaigns/campaigns';
import type { Suspicion } from '../../src/leads/leads';
import * as leads from '../../src/leads/leads';
import * as ledger from '../../src/ledger/ledger';
import { sealed } from '../../src/sealed';
import { type Contract, findContract, putContract } from '../../src/sponsors/sponsors';
import { captureOf } from '../support/seeds';

/** The campaign that the examples of the API speak of. */
export const SLUG = 'access-control-basics';
/** The lead that they speak of. */
const LEAD = '7F3K-92QX-ABCD';

export async function smallPdf(): Promise<Buffer> {
  const pdf = await PDFDocument.create();
  pdf.addPage([595, 842]).drawText('Page 1', { x: 50, y: 700 });
  return Buffer.from(await pdf.save());
}

/** The campaign of the examples as another installation would hand it over. */
export async function campaignZip(): Promise<Buffer> {
  const campaign = await findCampaign(SLUG);
  if (!campaign) throw new Error('no campaign');
  return zipOf(await campaignFiles(campaign));
}

export async function seedExamples(dataDir: string): Promise<void> {
  const saved = await saveCampaign({
    definition: {
      slug: SLUG,
      title: 'Access control basics',
      introduction: 'What to ask.',
      covered: ['Doors'],
      form: [{ key: 'email', required: true }],
      consents: [{ key: 'acme-cloud', sponsor: 'acme-cloud', text: 'Acme Cloud Video may contact me.' }],
      sponsors: [{ slug: 'acme-cloud', name: 'Acme Cloud Video', contract: { returns: { days: 30, percent: 100 } } }],
    },
    pdf: await smallPdf(),
    actor: 'test',
    dataDir,
    isNew: true,
  });
  if ('problems' in saved) throw new Error(JSON.stringify(saved.problems));
  await seedLead({ status: 'active' });
}

/** The lead of the examples, fresh, in this state. Put there past the rooms: none of them would choose its reference. */
export async function seedLead({ status }: { status: 'active' | 'quarantined' }): Promise<void> {
  const past = await mongoose
    .createConnection(process.env['GATEFOLD_TEST_URI'] ?? '', { dbName: mongoose.connection.name })
    .asPromise();
  const rows = past.collection<{ _id: string }>('leads');
  await rows.deleteMany({ campaign: SLUG });
  for (const name of ['settlements', 'places', 'people', 'returns']) await past.collection(name).deleteMany({});
  const suspicions: Suspicion[] = status === 'quarantined' ? ['honeypot'] : [];
  const { ref } = await leads.capture(captureOf({ campaign: SLUG, suspicions }));
  const row = await rows.findOneAndDelete({ _id: ref });
  await rows.insertOne({ ...row, _id: LEAD });
  await past.close();
}

/** The lead counts; given back as well when the example decides on that. */
export async function seedBillable({ returned = false } = {}): Promise<void> {
  await seedLead({ status: 'active' });
  await ledger.settle(LEAD, new Date());
  const contract = await withReturns();
  if (returned) await ledger.askReturn(contract, { lead: LEAD, reason: 'bad-data', note: '', by: 'test' }, new Date());
}

/** Other examples write their own terms. */
async function withReturns(): Promise<Contract> {
  const known = await findContract(SLUG, 'acme-cloud');
  if (!known) throw new Error('no contract');
  const { id, ...terms } = known;
  await putContract({ ...terms, returns: { days: 30, percent: 100 } });
  return { ...known, returns: { days: 30, percent: 100 }, id };
}

/** The destination of the examples, as it was added. */
export async function seedDestination(keys: readonly string[]): Promise<void> {
  const past = await mongoose
    .createConnection(process.env['GATEFOLD_TEST_URI'] ?? '', { dbName: mongoose.connection.name })
    .asPromise();
  const rows = past.collection<{ _id: string }>('destinations');
  await rows.deleteMany({});
  const row = { sponsor: 'acme-cloud', name: 'CRM', url: 'https://hooks.acme.example/leads', by: 'api:CRM' };
  const secret = sealed('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=', 'webhook secret', keys);
  await rows.insertOne({ _id: 'Zm9yIGV4YW1w', ...row, state: 'active', at: new Date(), secret } as never);
  await past.close();
}
