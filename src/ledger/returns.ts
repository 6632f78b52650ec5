import { GatefoldError } from '../errors';
import * as jobs from '../jobs/jobs';
import * as leads from '../leads/leads';
import type { Contract, Returns } from '../sponsors/sponsors';
import { isDuplicateKey } from '../store/duplicate';
import { asHouse } from '../store/scope';
import { addressOf } from './candidate';
import { evidenceFor } from './evidence';
import { readCode, readNote, theirLead } from './feedback';
import { ReturnModel, type ReturnRow } from './feedback.model';
import { REASONS, type Reason, type Return } from './feedback.types';
import { SettlementModel, type SettlementRow } from './ledger.model';
import { freePerson } from './people';
import { freePlace } from './places';
import { takeBack } from './record';

const DAY_MS = 86_400_000;
/** When a job looks whether a decision was carried out; by then whoever made it has, if they lived. */
const CARRY_OUT_MS = 30_000;

export interface Asked {
  lead: string;
  reason: string;
  note: string;
  by: string;
}

/**
 * A sponsor gives a lead back. What our own evidence proves is accepted at once; anything else waits for staff. Asking
 * twice is asking once.
 * @throws GatefoldError `unknown-lead`, `code-unknown`, `note-too-long`, `note-missing`, `returns-not-agreed`,
 * `not-billable`, `return-too-late`, `return-ceiling`
 */
export async function askReturn(contract: Contract, asked: Asked, now: Date): Promise<Return> {
  const [reason, note] = [readCode(REASONS, asked.reason), readNote(asked.note)];
  const row = await theirLead(contract, asked.lead.trim());
  const known = await findReturn(contract, row.lead);
  if (known) return known;
  mustBeInTime(contract, row, { reason, note }, now);
  const kept = { contract: contract.id, lead: row.lead, reason, note, at: now, by: asked.by };
  await insert(contract, { ...kept, _id: row._id, state: 'open' });
  // What proves it may be of leads and people that are none of the sponsor's business.
  await asHouse(async () => {
    const evidence = await evidenceFor(contract, row, reason);
    if (evidence !== null) await decideReturn(contract, row.lead, { accept: true, by: 'evidence', evidence }, now);
  });
  return (await findReturn(contract, row.lead)) ?? { ...kept, state: 'open' };
}

function mustBeInTime(
  { returns }: Contract,
  { decision, at }: SettlementRow,
  { reason, note }: { reason: Reason; note: string },
  now: Date,
): void {
  if (!returns) throw no('conflict', 'returns-not-agreed', 'The contract does not say that leads can be given back.');
  if (decision !== 'billable') throw no('conflict', 'not-billable', 'Only a lead that counts can be given back.');
  if (reason === 'other' && note === '') throw no('invalid', 'note-missing', 'Say in a note what is wrong with it.');
  if (now.getTime() > at.getTime() + returns.days * DAY_MS) {
    throw no(
      'conflict',
      'return-too-late',
      `A lead can be given back for ${returns.days} days; it is yours for longer.`,
    );
  }
}

/** Takes a number among the returns that the ceiling allows; the unique key judges between two at once. */
async function insert(contract: Contract, row: ReturnRow): Promise<void> {
  for (;;) {
    if (await ReturnModel.exists({ _id: row._id })) return;
    const { ceiling } = await allowance(contract);
    const held = await ReturnModel.find({ contract: contract.id, n: { $exists: true } }, { n: 1 }).lean();
    if (held.length >= ceiling) {
      const reader = `The contract takes back ${contract.returns?.percent} % of your leads, ${ceiling} so far, and you gave back as many.`;
      throw no('conflict', 'return-ceiling', reader);
    }
    const taken = new Set(held.map(({ n }) => n));
    let n = 1;
    while (taken.has(n)) n += 1;
    try {
      await ReturnModel.create({ ...row, n });
      return;
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
  }
}

/** How many leads may be given back so far, and how many were: those under way and those accepted. */
export async function allowance({
  id: contract,
  returns,
}: Contract): Promise<{ ceiling: number; used: number; returns?: Returns }> {
  const [billable, returned, used] = await Promise.all([
    SettlementModel.countDocuments({ contract, decision: 'billable' }),
    SettlementModel.countDocuments({ contract, decision: 'returned' }),
    ReturnModel.countDocuments({ contract, n: { $exists: true } }),
  ]);
  if (!returns) return { ceiling: 0, used };
  // A hair more, so that 7 % of 100 is 7 in floating point, too.
  return { ceiling: Math.floor(((billable + returned) * returns.percent) / 100 + 1e-9), used, returns };
}

export interface Deciding {
  accept: boolean;
  /** Address of staff, or `evidence`. */
  by: string;
  evidence: string;
}

/**
 * Accepts a return, which frees the lead's place, or rejects it. The first decision stands. That it has to be carried out
 * is on disk before it is made.
 * @throws GatefoldError `unknown-return`, `return-decided`
 */
export async function decideReturn(contract: Contract, lead: string, deciding: Deciding, now: Date): Promise<void> {
  const { accept, by, evidence } = deciding;
  const _id = `${contract.id}/${lead}`;
  if (accept) {
    const dueAt = new Date(Date.now() + CARRY_OUT_MS);
    await jobs.wantAgain({ kind: 'return', key: _id, owner: contract.campaign, payload: { return: _id }, dueAt });
  }
  const decided = { decidedBy: by, decidedAt: now, evidence: readNote(evidence) };
  const { matchedCount } = await ReturnModel.updateOne(
    { _id, contract: contract.id, state: 'open' },
    accept
      ? { $set: { ...decided, state: 'accepted' } }
      : { $set: { ...decided, state: 'rejected' }, $unset: { n: '' } },
  );
  if (matchedCount === 0) {
    if (!(await findReturn(contract, lead))) throw no('not-found', 'unknown-return', 'There is no such return.');
    throw no('conflict', 'return-decided', 'This return has been decided on already.');
  }
  if (accept) await carryOutReturn(_id);
}

/**
 * Takes the lead from the sponsor and frees its place for whoever waits; idempotent. The settling of those is left to a
 * job: they are no business of whoever asks.
 */
export async function carryOutReturn(_id: string): Promise<void> {
  const row = await ReturnModel.findOne({ _id }).lean();
  if (row?.state !== 'accepted') return;
  const { contract, lead, reason, evidence = '', decidedAt = row.at } = row;
  await takeBack(_id, { decision: 'returned', rule: `return:${reason}`, evidence }, decidedAt);
  await freePlace(contract, lead);
  const known = await leads.findLead(lead);
  if (known) await freePerson(contract, lead, addressOf(known));
  await jobs.wantAgain({ kind: 'refill', key: contract, payload: { contract } });
}

export async function findReturn({ id }: Contract, lead: string): Promise<Return | null> {
  const row = await ReturnModel.findOne({ _id: `${id}/${lead}`, contract: id }).lean();
  return row && returnOf(row);
}

/** A page of the returns under a contract, newest first; pages count from 1. */
export async function returnsOf(
  { id: contract }: Contract,
  { page, size }: { page: number; size: number },
): Promise<Return[]> {
  const rows = await ReturnModel.find({ contract })
    .sort({ at: -1, _id: -1 })
    .skip((page - 1) * size)
    .limit(size)
    .lean();
  return rows.map(returnOf);
}

/** What waits for staff under any contract, longest first. */
export async function openReturns(limit: number): Promise<Return[]> {
  const rows = await ReturnModel.find({ state: 'open' }).sort({ at: 1 }).limit(limit).lean();
  return rows.map(returnOf);
}

const returnOf = ({ _id, n: _, ...row }: ReturnRow): Return => row;

const no = (kind: 'conflict' | 'invalid' | 'not-found', code: string, reader: string): GatefoldError =>
  new GatefoldError(kind, code, { log: code, reader });
