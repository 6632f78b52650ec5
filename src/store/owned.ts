import type { Aggregate, Document, PipelineStage, Query, Schema, UpdateQuery } from 'mongoose';
import { scopedTo, unscoped } from './scope';

/**
 * How a row says whose it is: by its sponsor's slug, by the contract `<campaign>/<sponsor>`, as the sponsor itself, by the
 * reader's consent to sharing with them, or never: then no sponsor reaches it.
 */
export type OwnedBy = 'sponsor' | 'contract' | '_id' | 'consent' | 'nobody';

type Condition = Record<string, unknown>;
type AnyQuery = Query<unknown, unknown>;

const READS = ['find', 'findOne', 'countDocuments', 'distinct'] as const;
const UPDATES = ['updateOne', 'updateMany', 'findOneAndUpdate', 'replaceOne', 'findOneAndReplace'] as const;
const DELETES = ['deleteOne', 'deleteMany', 'findOneAndDelete'] as const;
/** Stages that read or write other collections, or look past the filter. */
const PAST_THE_FILTER =
  /"\$(lookup|graphLookup|unionWith|out|merge|collStats|indexStats|currentOp|geoNear|search|vectorSearch)"/;

const owners = new WeakMap<Schema, OwnedBy>();

/** Whose the rows of a schema are, if sponsors own them. */
export const ownerOf = (schema: Schema): OwnedBy | undefined => owners.get(schema);

/**
 * Makes the rows of a schema a sponsor's own. Within a sponsor's request (`asSponsor`) every question to its model finds
 * and changes only rows of that sponsor, whatever the question says; a row can't be made for another or given to one; and
 * what can't be narrowed throws.
 */
// biome-ignore lint/suspicious/noExplicitAny: schemas of every row
export function ownedBySponsor(schema: Schema<any>, by: OwnedBy): void {
  owners.set(schema, by);
  const name = () => String(schema.get('collection'));
  const own = (): Own | null => {
    const sponsor = scopedTo(name());
    return sponsor === null ? null : new Own(by, sponsor, name());
  };
  schema.pre([...READS], function (this: AnyQuery) {
    own()?.narrow(this);
  });
  schema.pre([...UPDATES], function (this: AnyQuery) {
    own()?.update(this);
  });
  schema.pre([...DELETES], { query: true, document: true }, function (this: AnyQuery | Document) {
    const mine = own();
    if (!mine) return;
    mine.mayWrite();
    if (isQuery(this)) mine.narrow(this);
    else mine.insert(this as unknown as Condition);
  });
  schema.pre('aggregate', function (this: Aggregate<unknown>) {
    own()?.aggregate(this.pipeline());
  });
  schema.pre('save', function (this: Document) {
    own()?.insert(this as unknown as Condition);
  });
  schema.pre('insertMany', (rows: unknown) => {
    const mine = own();
    for (const row of [rows].flat()) mine?.insert(row as Condition);
  });
  const refuse = (what: string) => () => {
    if (own()) throw unscoped(`${what} of ${name()} can't be narrowed to a sponsor`);
  };
  schema.pre('estimatedDocumentCount', refuse('an estimated count'));
  schema.pre('bulkWrite', refuse('a bulk write'));
}

/** A filter for whoever asks the driver itself: in a sponsor's request it finds the sponsor's rows only. */
export function narrowed<T extends object>(schema: Schema, filter: T): T {
  const by = owners.get(schema);
  const sponsor = by && scopedTo(String(schema.get('collection')));
  return by && sponsor ? (new Own(by, sponsor, '').narrowed(filter as Condition) as T) : filter;
}

const isQuery = (one: AnyQuery | Document): one is AnyQuery => typeof (one as AnyQuery).getFilter === 'function';

/** What one sponsor may do with the rows of one collection. */
class Own {
  constructor(
    private readonly by: OwnedBy,
    private readonly sponsor: string,
    private readonly collection: string,
  ) {}

  /** The query finds the sponsor's rows only. One that says so itself stays as it is, and so do its indexes. */
  narrow(query: AnyQuery): void {
    const filter = query.getFilter();
    if (!this.isNarrow(filter)) query.setQuery(this.narrowed(filter));
  }

  /** Beside what it says where it says nothing of the kind, so that its plan stays; else it has to fit both. */
  narrowed(filter: Condition): Condition {
    const condition = this.condition();
    const said = Object.keys(condition).some((path) => path in filter);
    return said ? { $and: [filter, condition] } : { ...filter, ...condition };
  }

  update(query: AnyQuery): void {
    this.mayWrite();
    // An upsert makes its row of the equalities of its filter.
    if (query.getOptions().upsert && !this.isNarrow(query.getFilter())) {
      throw unscoped(`an upsert in ${this.collection} does not say that its row is ${this.sponsor}’s`);
    }
    const change = query.getUpdate();
    const replaces = ['replaceOne', 'findOneAndReplace'].includes((query as unknown as { op: string }).op);
    if (replaces) this.insert((change ?? {}) as Condition, query.getFilter());
    else this.changes(change);
    this.narrow(query);
  }

  private changes(change: UpdateQuery<unknown> | unknown[] | null): void {
    if (Array.isArray(change)) throw unscoped(`a pipeline changes ${this.collection}`);
    for (const [operator, values] of Object.entries(change ?? {})) {
      const named = operator.startsWith('$') ? (values as Condition) : { [operator]: values };
      for (const [path, value] of Object.entries(named ?? {})) {
        const kept = ['$set', '$setOnInsert'].includes(operator) || !operator.startsWith('$');
        const touches =
          path === this.by || path.startsWith(`${this.by}.`) || (operator === '$rename' && value === this.by);
        if (touches && !(kept && this.isOwn(value)))
          throw unscoped(`whose a row of ${this.collection} is would change`);
      }
    }
  }

  aggregate(pipeline: PipelineStage[]): void {
    if (PAST_THE_FILTER.test(JSON.stringify(pipeline))) throw unscoped(`an aggregation goes past ${this.collection}`);
    const [first] = pipeline;
    if (first && '$match' in first && this.isNarrow(first.$match)) return;
    pipeline.unshift({ $match: this.condition() });
  }

  /** @param found what a replaced row is found by: it keeps its `_id` */
  insert(row: Condition, found: Condition = {}): void {
    this.mayWrite();
    const value = this.by === '_id' ? (row['_id'] ?? found['_id']) : row[this.by];
    if (!this.isOwn(value)) throw unscoped(`a row of ${this.collection} is not ${this.sponsor}’s`);
  }

  mayWrite(): void {
    if (this.by === 'consent' || this.by === 'nobody')
      throw unscoped(`a sponsor’s request would write ${this.collection}`);
  }

  private isNarrow(filter: Condition): boolean {
    return this.by !== 'consent' && this.by !== 'nobody' && this.isOwn(filter[this.by]);
  }

  private isOwn(value: unknown): boolean {
    if (typeof value !== 'string') return false;
    return this.by === 'contract'
      ? /^[^/]+\/[^/]+$/.test(value) && value.endsWith(`/${this.sponsor}`)
      : value === this.sponsor;
  }

  private condition(): Condition {
    if (this.by === 'nobody') return { _id: { $in: [] } };
    if (this.by === 'consent') return { 'current.consents': { $elemMatch: { sponsor: this.sponsor, given: true } } };
    if (this.by !== 'contract') return { [this.by]: this.sponsor };
    return { contract: new RegExp(`^[^/]+/${this.sponsor.replace(/[^\w-]/g, '\\$&')}$`) };
  }
}
