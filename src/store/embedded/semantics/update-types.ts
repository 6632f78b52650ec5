/** What a moment of an update brings: is it the insert of an upsert, and what is the time. */
export interface Moment {
  isInsert: boolean;
  now: Date;
}

/** An operator's answers besides a new value: leave the field as it is, or take it away. */
export const KEEP: unique symbol = Symbol('keep');
export const REMOVE: unique symbol = Symbol('remove');
/** As KEEP, and it does not matter either whether the path could be made. */
export const IGNORE: unique symbol = Symbol('ignore');

/** A new value that counts as a change even if it is the old one: MongoDB does not look when it sorts or pushes. */
export class Written {
  constructor(readonly value: unknown) {}
}

/** Where an operator works, for its error messages. */
export interface Site extends Moment {
  /** The path with its positions filled in. */
  path: string;
  /** `_id` of the document, or "no id", as printed in messages. */
  idText: () => string;
}

/** One operator with its argument, applied to one field at a time. */
export interface Operator {
  /** The new value of a field that is there; or KEEP, REMOVE, Written. */
  existing(value: unknown, site: Site): unknown;
  /** The value of a field that is not there. KEEP: it is not made, but a path that can't be made is an error; IGNORE: it isn't. */
  missing(site: Site): unknown;
}
