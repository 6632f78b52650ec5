/**
 * Front door: what readers asked for. A lead is one address in one campaign; each filled-in form is a request of it,
 * with its own answers, consent evidence and copy.
 */
export { requestsOfAddress } from './by-address';
export { type Capture, capture, type Owed, owed, paid } from './capture';
export { correct } from './correct';
export { erase, tracesOf } from './erase';
export { emailKey, REFERENCE } from './identity';
export type * from './lead.types';
export { addNote, NOTE_MAX, notesOf } from './notes';
export { isHeld, prove } from './prove';
export {
  countSince,
  findLead,
  findRequest,
  leadBatches,
  leadsAmong,
  leadsAsOf,
  leadsById,
  leadsSince,
  listLeads,
  requestsOf,
  unsettled,
} from './read';
export { accept, markSettled, reject } from './review';
export { type Cursor, countFound, countLeads, type LeadFilter, leadsOfAddress, makeSearchable } from './search';
export { undeliverable } from './undeliverable';
export { withdraw } from './withdraw';
