import { StoreError } from './errors';
import { compileFilter, type Filter } from './matcher';
import { show } from './print';
import { isTruthy } from './truth';
import type { Doc, Evaluate } from './types';
import { fieldsOf, isDocument, isNumber, kindOf } from './values';
import { truncatedWhole } from './whole';

/** `$slice`: so many from the start (or from the end, if negative), or a limit after a skip. */
export interface Slice {
  skip?: number;
  limit: number;
}

/** What a projection does with one field. */
export type ProjectionNode =
  | { kind: 'include' | 'exclude' | 'positional' }
  | { kind: 'path'; children: Map<string, ProjectionNode> }
  | { kind: 'slice'; slice: Slice }
  | { kind: 'elemMatch'; filter: Filter }
  | { kind: 'computed'; evaluate: (doc: Doc) => unknown };

export interface ProjectionTree {
  inclusion: boolean;
  root: Map<string, ProjectionNode>;
}

export interface ProjectionOptions {
  /** The filter of the query: the positional `.$` needs it. */
  filter?: Filter;
  /** Evaluates computed fields. */
  expr?: Evaluate;
  /** In a pipeline `$slice` and `$elemMatch` are no projections, and no name is positional. */
  stage?: boolean;
}

/**
 * Reads a projection. `_id` may be taken or left in either kind; otherwise fields are either all included or all excluded
 * (31253, 31254). Computed fields and `$elemMatch` make it an inclusion, `$slice` alone an exclusion.
 */
export function parseProjection(spec: Doc, options: ProjectionOptions): ProjectionTree {
  return new Parser(options).run(spec);
}

class Parser {
  private readonly root = new Map<string, ProjectionNode>();
  private inclusion: boolean | undefined;
  private id: 'included' | 'excluded' | 'within' | undefined;
  private hasPositional = false;
  private hasElemMatch = false;
  private hasSlice = false;

  constructor(private readonly options: ProjectionOptions) {}

  run(spec: Doc): ProjectionTree {
    this.level(spec, []);
    const inclusion = this.inclusion ?? this.defaultKind();
    if (inclusion && this.id === undefined) this.root.set('_id', { kind: 'include' });
    if (!inclusion && this.id === 'included') this.root.delete('_id');
    return { inclusion, root: this.root };
  }

  /** Only `_id`, `$slice` and `$elemMatch`, or nothing at all, say less clearly what is meant. */
  private defaultKind(): boolean {
    if (this.hasSlice) return this.id === 'included';
    return this.hasElemMatch || this.id === 'included';
  }

  private level(spec: Doc, above: readonly string[]): void {
    for (const [name, value] of Object.entries(fieldsOf(spec))) {
      if (above.length === 0 && /^_id(\.|$)/.test(name)) this.id ??= 'within';
      this.field(name, value, above);
    }
  }

  private field(name: string, value: unknown, above: readonly string[]): void {
    const positional = !this.options.stage && /\.\$(\.|$)|^\$$/.test(name);
    const kind = kindOf(value);
    if (isDocument(value)) {
      if (positional)
        throw new StoreError(31271, 'positional projection cannot be used with an expression or sub object');
      this.document(name, fieldsOf(value), above);
    } else if (kind === 'bool' || isNumber(kind)) {
      if (!isTruthy(value) && positional) {
        throw new StoreError(31395, 'positional projection cannot be used with exclusion');
      } else if (!isTruthy(value)) this.exclude(name, above);
      else if (positional) this.positional(name, above);
      else this.include(name, above);
    } else {
      if (positional) throw new StoreError(31308, 'positional projection cannot be used with a literal');
      this.computed(name, value, above, 31310, `Cannot use an expression ${show(value)} in an exclusion projection`);
    }
  }

  private include(name: string, above: readonly string[]): void {
    this.add(name, above, { kind: 'include' });
    if (name === '_id' && above.length === 0) this.id = 'included';
    else this.become(true, 31253, `Cannot do inclusion on field ${name} in exclusion projection`);
  }

  private exclude(name: string, above: readonly string[]): void {
    this.add(name, above, { kind: 'exclude' });
    if (name === '_id' && above.length === 0) this.id = 'excluded';
    else this.become(false, 31254, `Cannot do exclusion on field ${name} in inclusion projection`);
  }

  private become(inclusion: boolean, code: number, message: string): void {
    if (this.inclusion !== undefined && this.inclusion !== inclusion) throw new StoreError(code, message);
    this.inclusion = inclusion;
  }

  private positional(name: string, above: readonly string[]): void {
    if (this.hasPositional) {
      throw new StoreError(31276, 'Cannot specify more than one positional projection per query.');
    }
    if (this.hasElemMatch) throw new StoreError(31256, 'Cannot specify positional operator and $elemMatch.');
    if (!this.options.filter) throw new StoreError(51050, 'Projections with a positional operator require a matcher');
    const first = (above[0] ?? name).split('.')[0] ?? '';
    if (!mentions(this.options.filter.root, first)) {
      throw new StoreError(31277, `Positional projection '${name}' does not match the query document.`);
    }
    if (!name.endsWith('.$'))
      throw new StoreError(
        31394,
        `As of 4.4, it's illegal to specify positional operator in the middle of a path.Positional projection may only be used at the end, for example: a.b.$. If the query previously used a form like a.b.$.d, remove the parts following the '$' and the results will be equivalent.`,
      );
    this.add(name.slice(0, -2), above, { kind: 'positional' });
    this.hasPositional = true;
    this.become(true, 31253, `Cannot do inclusion on field ${name} in exclusion projection`);
  }

  private document(name: string, value: Doc, above: readonly string[]): void {
    const [first = '', ...others] = Object.keys(value);
    if (first === '') {
      throw new StoreError(51270, 'An empty sub-projection is not a valid value. Found empty object at path');
    }
    if (others.length > 0 || !first.startsWith('$')) {
      this.add(name, above, { kind: 'path', children: new Map() });
      this.level(value, [...above, ...checkedParts(name)]);
    } else if (this.options.stage) {
      this.computed(name, value, above, 31252, 'Cannot use expression other than $meta in exclusion projection');
    } else if (first === '$slice' && isFindSlice(value['$slice'])) {
      this.add(name, above, { kind: 'slice', slice: parseSlice(value['$slice']) });
      this.hasSlice = true;
    } else if (first === '$elemMatch') {
      this.elemMatch(name, value, above);
    } else {
      if (first === '$meta') throw new StoreError(2, '$meta is not supported in this context');
      const message = 'Cannot use expression other than $meta in exclusion projection';
      this.computed(name, value, above, 31252, message);
    }
  }

  private elemMatch(name: string, value: Doc, above: readonly string[]): void {
    const argument = value['$elemMatch'];
    if (!isDocument(argument)) {
      throw new StoreError(31274, `elemMatch: Invalid argument, object required, but got ${kindOf(argument)}`);
    }
    if (this.hasPositional) throw new StoreError(31255, 'Cannot specify positional operator and $elemMatch.');
    if (above.length > 0 || name.includes('.')) {
      throw new StoreError(31275, 'Cannot use $elemMatch projection on a nested field.');
    }
    this.add(name, above, { kind: 'elemMatch', filter: compileFilter({ [name]: { $elemMatch: argument } }) });
    this.hasElemMatch = true;
  }

  private computed(name: string, value: unknown, above: readonly string[], code: number, message: string): void {
    const { expr } = this.options;
    if (!expr) throw new StoreError(31325, `Unknown expression ${show(value)}`);
    this.add(name, above, { kind: 'computed', evaluate: readExpression(expr, value) });
    this.become(true, code, message);
  }

  private add(name: string, above: readonly string[], node: ProjectionNode): void {
    const parts = [...above, ...checkedParts(name)];
    let level = this.root;
    for (const [depth, part] of parts.slice(0, -1).entries()) {
      const next = level.get(part) ?? { kind: 'path', children: new Map() };
      if (next.kind !== 'path') {
        const rest = parts.slice(depth + 1).join('.');
        throw new StoreError(31249, `Path collision at ${parts.join('.')} remaining portion ${rest}`);
      }
      level.set(part, next);
      level = next.children;
    }
    const last = parts[parts.length - 1] ?? '';
    if (level.has(last)) throw new StoreError(31250, `Path collision at ${parts.join('.')}`);
    level.set(last, node);
  }
}

/** Of an operator that there is not, a projection says so in words of its own. */
function readExpression(expr: Evaluate, value: unknown): (doc: Doc) => unknown {
  const [name = ''] = isDocument(value) ? Object.keys(value) : [];
  try {
    return expr(value);
  } catch (error) {
    const unknown = error instanceof StoreError && error.code === 168 && error.message.endsWith(`'${name}'`);
    throw unknown ? new StoreError(31325, `Unknown expression ${name}`) : error;
  }
}

function checkedParts(path: string): string[] {
  if (path === '') throw new StoreError(40352, 'FieldPath cannot be constructed with empty string');
  if (path.endsWith('.')) throw new StoreError(40353, "FieldPath must not end with a '.'.");
  const parts = path.split('.');
  if (parts.includes('')) throw new StoreError(15998, 'FieldPath field names may not be empty strings.');
  if (parts.some((part) => part.startsWith('$') && !/^\$(id|ref|db)$/.test(part))) {
    throw new StoreError(16410, "FieldPath field names may not start with '$'. Consider using $getField or $setField.");
  }
  return parts;
}

/** The `$slice` of finds takes numbers; with anything else it is the expression of that name. */
function isFindSlice(argument: unknown): boolean {
  if (isNumber(kindOf(argument))) return true;
  return Array.isArray(argument) && argument.length === 2 && argument.every((item) => isNumber(kindOf(item)));
}

function parseSlice(argument: unknown): Slice {
  if (!Array.isArray(argument)) return { limit: sliceNumber(argument) };
  const [skip, limit] = argument.map(sliceNumber);
  if (limit === undefined || limit <= 0) throw new StoreError(28724, `$slice limit must be positive, got ${limit}`);
  return { skip: skip ?? 0, limit };
}

function sliceNumber(value: unknown): number {
  const whole = truncatedWhole(value) ?? 0n;
  return Number(whole > 0x7fffffffn ? 0x7fffffffn : whole < -0x80000000n ? -0x80000000n : whole);
}

function mentions(node: Filter['root'], field: string): boolean {
  if (node.kind === 'leaf') return node.parts[0] === field;
  if (node.kind === 'not') return mentions(node.child, field);
  return 'children' in node && node.children.some((child) => mentions(child, field));
}
