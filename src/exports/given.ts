import { DisclosedLeadsModel, DisclosureModel } from './disclosure.model';

/**
 * The leads that a series has given in exports that went out whole. *Since last export* is what is theirs now less
 * these, so that nothing is missed or given twice, whenever it was captured or settled. An export that broke off gave
 * nothing. About 60 MB for a million leads.
 */
export async function given(series: string): Promise<Set<string>> {
  const whole = await DisclosureModel.find({ series, state: 'complete' }, { _id: 1 }).lean();
  const ids = new Set<string>();
  for (const { _id } of whole) {
    const rows = DisclosedLeadsModel.find({ disclosure: _id }, { leads: 1 }).lean().cursor({ batchSize: 100 });
    for await (const { leads } of rows) for (const lead of leads) ids.add(lead);
  }
  return ids;
}
