/** What a moment of an update brings: is it the insert of an upsert, and what is the time. */
export interface Moment {
  isInsert: boolean;
  now: Date;
}

/** An operator's answers: leave the field as it is, or take it away. */
export const KEEP: unique symbol = Symbol('keep');
export const REMOVE: unique symbol = Symbol('remove');

/** Where an operator works, for its error messages. */
export interface Site extends Moment {
  /** The path with its positions filled in. */
  path: string;
  /** `_id` of the document, as printed in messages. */
  idText: () => string;
}

/** One operator with its argument, applied to one field at a time. */
export interface Operator {
  /** The new value of a field that is there; KEEP or REMOVE. */
  existing(value: unknown, site: Site): unknown;
  /** The value of a field that is not there; KEEP means that it is not made (and that a path that can't be is no error). */
  missing(site: Site): unknown;
}
