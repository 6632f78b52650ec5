import { GatefoldError } from '../errors';
import * as leads from '../leads/leads';
import type { ReaderToken } from '../links';
import { LinkModel } from './delivery.model';

/** Links of readers that staff take back. A link says of which generation it is; taking back begins the next one. */

/** The generation that links of these requests are given out in; 0 where none was ever taken back, which is not in it. */
export async function generationOf(refs: string[]): Promise<Map<string, number>> {
  const rows = await LinkModel.find({ _id: { $in: refs } }, { generation: 1 }).lean();
  return new Map(rows.map(({ _id, generation }) => [_id, generation]));
}

/** Whether a link that we signed was taken back since. */
export async function isRevoked({
  request,
  generation,
}: Pick<ReaderToken, 'request' | 'generation'>): Promise<boolean> {
  return generation < ((await generationOf([request])).get(request) ?? 0);
}

/**
 * Takes every link of a request back, on paper and on screen; those that are given out from now on are good.
 * @throws GatefoldError `unknown-request`
 */
export async function revokeLinks(ref: string, by: string, at: Date): Promise<void> {
  if (!(await leads.findRequest(ref))) throw new GatefoldError('not-found', 'unknown-request', `no request ${ref}`);
  await LinkModel.updateOne(
    { _id: ref },
    { $inc: { generation: 1 }, $push: { revoked: { at, by } } },
    { upsert: true },
  );
}

/** When links of these requests were taken back, and by whom. */
export async function revocationsOf(refs: string[]): Promise<{ request: string; at: Date; by: string }[]> {
  const rows = await LinkModel.find({ _id: { $in: refs } }).lean();
  return rows.flatMap(({ _id, revoked }) => revoked.map((one) => ({ request: _id, ...one })));
}
