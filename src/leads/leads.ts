/**
 * Front door: what readers asked for. A lead is one address in one campaign; each filled-in form is a request of it,
 * with its own answers, consent evidence and copy.
 */
export { requestsOfAddress } from './by-address';
export { type Capture, capture, type Owed, owed, paid } from './capture';
export { correct } from './correct';
export { emailKey, REFERENCE } from './identity';
export type * from './lead.types';
export { isHeld, prove } from './prove';
export {
  type Cursor,
  countLeads,
  countSince,
  findLead,
  findRequest,
  type LeadFilter,
  leadBatches,
  leadsAmong,
  leadsAsOf,
  leadsById,
  listLeads,
  requestsOf,
  unsettled,
} from './read';
export { accept, markSettled, reject } from './review';
export { undeliverable } from './undeliverable';
export { withdraw } from './withdraw';
