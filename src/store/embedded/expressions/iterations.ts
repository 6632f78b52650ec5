import { MISSING, StoreError } from '../semantics';
import { isTruthy } from '../semantics/truth';
import { type AccumulatorName, accumulatorFor } from './accumulators';
import { typeName } from './arithmetic';
import { intOf } from './arrays';
import { extended, isNullish, listOf, type Maker, type Makers, namedArguments } from './expression';

/** A variable's name. @throws StoreError 9 for one that MongoDB wouldn't take */
function nameOf(value: unknown, otherwise: string): string {
  const name = value === undefined ? otherwise : String(value);
  if (!/^[a-z\u0080-\uffff][\w\u0080-\uffff]*$/.test(name) && name !== 'CURRENT') {
    throw new StoreError(9, `'${name}' starts with an invalid character for a user variable name`);
  }
  return name;
}

const filter: Maker = (argument, compiler) => {
  const given = namedArguments('$filter', argument, ['input', 'cond'], ['as', 'limit']);
  const name = nameOf(given['as'], 'this');
  const [input, condition] = [compiler.compile(given['input']), compiler.knowing(name).compile(given['cond'])];
  const limit = 'limit' in given ? compiler.compile(given['limit']) : null;
  return (scope) => {
    const array = input(scope);
    if (isNullish(array)) return null;
    if (!Array.isArray(array)) throw new StoreError(28651, `input to $filter must be an array not ${typeName(array)}`);
    const most = limit?.(scope);
    const wanted = isNullish(most) ? Number.POSITIVE_INFINITY : intOf(most, 327391, '$filter: limit must be represented as a 32-bit integral value'); // biome-ignore format: one line
    if (wanted <= 0) throw new StoreError(327392, `$filter: limit must be greater than 0`);
    const kept: unknown[] = [];
    for (const item of array) {
      if (kept.length >= wanted) break;
      if (isTruthy(condition(extended(scope, { [name]: item })))) kept.push(item);
    }
    return kept;
  };
};

const map: Maker = (argument, compiler) => {
  const given = namedArguments('$map', argument, ['input', 'in'], ['as']);
  const name = nameOf(given['as'], 'this');
  const [input, inside] = [compiler.compile(given['input']), compiler.knowing(name).compile(given['in'])];
  return (scope) => {
    const array = input(scope);
    if (isNullish(array)) return null;
    if (!Array.isArray(array)) throw new StoreError(16883, `input to $map must be an array not ${typeName(array)}`);
    return array.map((item) => {
      const value = inside(extended(scope, { [name]: item }));
      return value === MISSING ? null : value;
    });
  };
};

const reduce: Maker = (argument, compiler) => {
  const given = namedArguments('$reduce', argument, ['input', 'initialValue', 'in']);
  const input = compiler.compile(given['input']);
  const initial = compiler.compile(given['initialValue']);
  const inside = compiler.knowing('this', 'value').compile(given['in']);
  return (scope) => {
    const array = input(scope);
    if (isNullish(array)) return null;
    if (!Array.isArray(array)) {
      throw new StoreError(40080, `$reduce requires that 'input' be an array, found: ${typeName(array)}`);
    }
    return array.reduce<unknown>((value, item) => inside(extended(scope, { value, this: item })), initial(scope));
  };
};

const letVariables: Maker = (argument, compiler) => {
  const given = namedArguments('$let', argument, ['vars', 'in']);
  const vars = Object.entries(namedArguments('$let', given['vars'], [], Object.keys(given['vars'] as object)));
  const parts = vars.map(([name, one]) => [nameOf(name, ''), compiler.compile(one)] as const);
  const inside = compiler.knowing(...parts.map(([name]) => name)).compile(given['in']);
  return (scope) => inside(extended(scope, Object.fromEntries(parts.map(([name, part]) => [name, part(scope)]))));
};

/** An accumulator as an expression: of one argument that is an array its elements, otherwise the arguments themselves. */
const accumulated =
  (name: AccumulatorName): Maker =>
  (argument, compiler) => {
    const parts = listOf(argument).map((one) => compiler.compile(one));
    return (scope) => {
      const values = parts.map((part) => part(scope));
      const [only] = values;
      const accumulator = accumulatorFor(name);
      for (const value of values.length === 1 && Array.isArray(only) ? only : values) accumulator.add(value);
      return accumulator.result();
    };
  };

export const ITERATIONS: Makers = {
  $filter: filter,
  $map: map,
  $reduce: reduce,
  $let: letVariables,
  $sum: accumulated('$sum'),
  $avg: accumulated('$avg'),
  $min: accumulated('$min'),
  $max: accumulated('$max'),
  $stdDevPop: accumulated('$stdDevPop'),
  $stdDevSamp: accumulated('$stdDevSamp'),
};
