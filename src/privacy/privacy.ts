/** Front door: what we hold about a person, given to them or erased. */
export { carryOut, eraseAddress, eraseLead, type Verified, verifyErasures } from './erase';
export { personalData } from './personal-data';
