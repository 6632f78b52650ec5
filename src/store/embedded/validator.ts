import type { Collection } from './catalogue';
import { evaluator, noVariables } from './expressions';
import { compileFilter, type Doc, type Filter, StoreError } from './semantics';

/** Whether a write passes over the collection's validator (`bypassDocumentValidation`). */
export interface Unchecked {
  bypass?: boolean;
}

const compiled = new WeakMap<Doc, Filter>();

/** Reads a validator: a filter. @throws StoreError for one that this store can't read (`$jsonSchema`) */
export function validatorOf(validator: Doc): Filter {
  const filter = compiled.get(validator) ?? compileFilter(validator, { expr: evaluator(noVariables()) });
  compiled.set(validator, filter);
  return filter;
}

/** @throws StoreError 166 for a view, 121 for a document that the collection's validator doesn't let in */
export function checkDocument({ options }: Collection, document: Doc, { bypass = false }: Unchecked): void {
  const validator = options['validator'] as Doc | undefined;
  if (!validator || bypass || validatorOf(validator).matches(document)) return;
  const details = { operatorName: '$and', specifiedAs: validator, reason: 'expression did not match' };
  throw new StoreError(121, 'Document failed validation', {
    errInfo: { failingDocumentId: document['_id'], details },
  });
}
