import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import {
  Catalogue,
  type Collection,
  checkNames,
  documentPrefix,
  ID_INDEX,
  type IndexSpec,
  refuseView,
} from './catalogue';
import { after, type Disk, openDisk } from './disk';
import { Documents } from './documents';
import { planFor } from './planner';
import { Reserve } from './reserve';
import { type Cost, type Found, scan, sorted } from './scan';
import { compileFilter, type Direction, type Doc, type Filter, filterShape } from './semantics';
import { Writer } from './writer';

export interface Query {
  filter: Doc;
  sort?: Doc;
  skip?: number;
  limit?: number;
}

/** What a collection is made with, beside its name. */
type Made = Partial<Pick<Collection, 'options' | 'view'>>;

/** The store behind the commands: what there is, how it is found, and the one way to write. */
export class Engine {
  readonly disk: Disk;
  readonly catalogue: Catalogue;
  readonly writer: Writer;
  readonly documents: Documents;
  private readonly reserve: Reserve;

  /** @param reserve bytes of the file that are kept free ahead */
  constructor(folder: string, reserve: number) {
    this.disk = openDisk(folder);
    this.reserve = new Reserve(this.disk, join(folder, 'data.mdb'), reserve);
    this.catalogue = new Catalogue(this.disk);
    this.documents = new Documents(this.disk, this.catalogue);
    this.writer = new Writer(this.disk, this.reserve, () => this.documents.forgetFlags());
  }

  /** The collection of this name, made when it isn't there. */
  async ensure(db: string, name: string, made: Made = {}): Promise<Collection> {
    const known = this.catalogue.find(db, name);
    if (known) return known;
    checkNames(db, name);
    return this.writer.change(
      () => this.make(db, name, made),
      (collection) => this.catalogue.remember(collection),
    );
  }

  /** Of two that ensure the same name at once the second finds the first's. */
  private make(db: string, name: string, { options = {}, view }: Made): Collection {
    const known = this.catalogue.find(db, name);
    if (known) return known;
    const shown = { _id: 1 };
    const id: IndexSpec = {
      id: this.catalogue.newId(),
      name: ID_INDEX,
      key: shown as Record<string, Direction>,
      shown,
      unique: true,
      sparse: false,
      multikey: false,
      cut: false,
    };
    const indexes = view ? [] : [id];
    const collection: Collection = { id: this.catalogue.newId(), db, name, uuid: randomUUID(), indexes, options };
    if (view) collection.view = view;
    this.catalogue.put(collection);
    return collection;
  }

  /** What a query finds, as it is taken; sorted by an index where one gives the order. */
  *find(collection: Collection | undefined, query: Query, filter?: Filter, cost?: Cost): Generator<Found> {
    if (!collection) return;
    refuseView(collection);
    const { skip = 0, limit = Number.POSITIVE_INFINITY, sort = {} } = query;
    const compiled = filter ?? compileFilter(query.filter);
    const plan = this.plan(collection, query, compiled);
    const all = Object.keys(query.filter).length === 0;
    const matching = scan(this.disk, plan, all ? null : compiled, cost);
    const ordered = plan.sorted ? matching : sorted(matching, ({ document }) => document, sort, skip + limit);
    let n = 0;
    if (limit <= 0) return;
    for (const found of ordered) {
      n += 1;
      if (n <= skip) continue;
      yield found;
      if (n >= skip + limit) return;
    }
  }

  plan(collection: Collection, { filter, sort = {} }: Query, compiled: Filter) {
    const order = Object.entries(sort).map(([path, way]) => [path, Number(way) < 0 ? -1 : 1] as [string, Direction]);
    return planFor(collection, filter, filterShape(compiled), order);
  }

  /** How many documents a collection has, without reading them. */
  count(collection: Collection): number {
    const prefix = documentPrefix(collection);
    return this.disk.documents.getKeysCount({ start: prefix, end: after(prefix) });
  }

  async close(): Promise<void> {
    await this.writer.drained();
    await this.disk.close();
    this.reserve.close();
  }
}
