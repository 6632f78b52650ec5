import { type Doc, MISSING, StoreError } from '../semantics';
import { fieldOf, setField } from '../semantics/path';
import { fieldsOf, isDocument } from '../semantics/values';
import { accumulatorFor } from './accumulators';
import { typeName } from './arithmetic';
import {
  type Compiler,
  type Expression,
  isNullish,
  type Maker,
  type Makers,
  namedArguments,
  variadic,
} from './expression';

function merged(values: Iterable<unknown>): unknown {
  const accumulator = accumulatorFor('$mergeObjects');
  for (const value of values) accumulator.add(value);
  return accumulator.result();
}

/** The name of a field as it stands, dots and dollars included: a constant. */
function constantName(operator: string, given: unknown, compiler: Compiler): string {
  const name = compiler.compile(given)({ root: {}, variables: new Map() });
  if (typeof name !== 'string') {
    throw new StoreError(operator === '$getField' ? 3041704 : 4161107, `${operator} requires 'field' to evaluate to type String, but got ${typeName(name)}`); // biome-ignore format: one line
  }
  if (typeof given === 'string' && given.startsWith('$')) {
    throw new StoreError(4161108, `'${given}' starts with '$'. Please use $literal.`);
  }
  return name;
}

const getField: Maker = (argument, compiler) => {
  const short = !isDocument(argument) || !('field' in argument);
  const given = short ? { field: argument } : namedArguments('$getField', argument, ['field'], ['input']);
  const name = constantName('$getField', given['field'], compiler);
  const input = compiler.compile('input' in given ? given['input'] : '$$CURRENT');
  return (scope) => {
    const value = input(scope);
    if (value === null) return null;
    return isDocument(value) ? fieldOf(value, name) : MISSING;
  };
};

function fieldSetter(operator: string, value: (given: Doc) => unknown): Maker {
  return (argument, compiler): Expression => {
    const required = operator === '$setField' ? ['field', 'input', 'value'] : ['field', 'input'];
    const given = namedArguments(operator, argument, required);
    const name = constantName(operator, given['field'], compiler);
    const [input, next] = [compiler.compile(given['input']), compiler.compile(value(given))];
    return (scope) => {
      const target = input(scope);
      if (isNullish(target)) return null;
      if (!isDocument(target)) throw new StoreError(4161105, `${operator} requires 'input' to evaluate to type Object`);
      const result: Doc = { ...fieldsOf(target) };
      const what = next(scope);
      if (what === MISSING) delete result[name];
      else setField(result, name, what);
      return result;
    };
  };
}

export const OBJECTS: Makers = {
  $mergeObjects: variadic(merged),
  $getField: getField,
  $setField: fieldSetter('$setField', (given) => given['value']),
  $unsetField: fieldSetter('$unsetField', () => '$$REMOVE'),
};
