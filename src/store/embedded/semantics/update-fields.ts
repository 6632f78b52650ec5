import { Int32, Timestamp } from 'bson';
import { compareValues, equalValues, exactOf } from './compare';
import { CODE, StoreError } from './errors';
import { show, showField } from './print';
import { type Arithmetic, type BitOperation, calculate, calculateBits, zeroLike } from './update-arithmetic';
import { IGNORE, KEEP, type Operator, REMOVE, type Site, Written } from './update-types';
import { fieldsOf, isDocument, isNumber, kindOf } from './values';

const bad = (message: string) => new StoreError(CODE.BadValue, message);

/** The operators on single fields. Each takes its argument and path, and throws MongoDB's error if the argument is wrong. */
export const FIELD_OPERATORS: Readonly<Record<string, (argument: unknown, path: string) => Operator>> = {
  $set: (argument) => ({ existing: () => argument, missing: () => argument }),
  $setOnInsert: (argument) => ({
    existing: (_value, site) => (site.isInsert ? argument : KEEP),
    missing: (site) => (site.isInsert ? argument : IGNORE),
  }),
  $unset: () => ({ existing: () => REMOVE, missing: () => IGNORE }),
  $inc: (argument, path) => arithmetic('add', argument, path),
  $mul: (argument, path) => arithmetic('multiply', argument, path),
  $min: (argument) => extreme(argument, -1),
  $max: (argument) => extreme(argument, 1),
  $currentDate: currentDate,
  $bit: bit,
};

function arithmetic(how: Arithmetic, argument: unknown, path: string): Operator {
  const op = how === 'add' ? '$inc' : '$mul';
  if (!isNumber(kindOf(argument))) {
    const verb = how === 'add' ? 'increment' : 'multiply';
    throw new StoreError(CODE.TypeMismatch, `Cannot ${verb} with non-numeric argument: {${showField(path, argument)}}`);
  }
  return {
    existing: (value, site) => {
      const kind = kindOf(value);
      if (!isNumber(kind)) {
        throw new StoreError(
          CODE.TypeMismatch,
          `Cannot apply ${op} to a value of non-numeric type. {${site.idText()}} has the field '${lastPart(site.path)}' of non-numeric type ${kind}`,
        );
      }
      const result = calculate(how, value, argument);
      if (result === undefined) {
        throw bad(`Failed to apply ${op} operations to current value (${show(value)}) for document {${site.idText()}}`);
      }
      return isSameNumber(value, result) ? KEEP : new Written(result);
    },
    missing: () => (how === 'add' ? argument : zeroLike(argument)),
  };
}

/** MongoDB leaves a number as it is if type and value stay: decimal 1.0 is not made 1.00, but NaN is written anew. */
function isSameNumber(a: unknown, b: unknown): boolean {
  return kindOf(a) === kindOf(b) && exactOf(b).special !== 'nan' && equalValues(a, b);
}

export function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}

function extreme(argument: unknown, direction: 1 | -1): Operator {
  return {
    existing: (value) => (compareValues(argument, value) * direction > 0 ? argument : KEEP),
    missing: () => argument,
  };
}

function currentDate(argument: unknown): Operator {
  const timestamp = currentDateType(argument) === 'timestamp';
  const value = (site: Site) =>
    timestamp ? new Timestamp({ t: Math.floor(site.now.getTime() / 1000), i: 1 }) : new Date(site.now.getTime());
  return { existing: (_old, site) => new Written(value(site)), missing: value };
}

function currentDateType(argument: unknown): string {
  if (typeof argument === 'boolean') return 'date';
  if (!isDocument(argument)) {
    throw bad(
      `${kindOf(argument)} is not valid type for $currentDate. Please use a boolean ('true') or a $type expression ({$type: 'timestamp/date'}).`,
    );
  }
  for (const [name, value] of Object.entries(fieldsOf(argument))) {
    if (name !== '$type') throw bad(`Unrecognized $currentDate option: ${name}`);
    if (value === 'date' || value === 'timestamp') return value;
  }
  throw bad(
    "The '$type' string field is required to be 'date' or 'timestamp': {$currentDate: {field : {$type: 'date'}}}",
  );
}

function bit(argument: unknown): Operator {
  const operations = bitOperations(argument);
  const apply = (value: unknown) =>
    operations.reduce((result, { how, operand }) => calculateBits(how, result, operand), value);
  return {
    existing: (value, site) => {
      const kind = kindOf(value);
      if (kind !== 'int' && kind !== 'long') {
        throw bad(
          `Cannot apply $bit to a value of non-integral type.{${site.idText()}} has the field ${lastPart(site.path)} of non-integer type ${kind}`,
        );
      }
      return apply(value);
    },
    missing: () => apply(new Int32(0)),
  };
}

function bitOperations(argument: unknown): { how: BitOperation; operand: unknown }[] {
  if (!isDocument(argument)) {
    throw bad(
      `The $bit modifier is not compatible with a ${kindOf(argument)}. You must pass in an embedded document: {$bit: {field: {and/or/xor: #}}`,
    );
  }
  const operations = Object.entries(fieldsOf(argument)).map(([how, operand]) => {
    if (how !== 'and' && how !== 'or' && how !== 'xor') {
      throw bad(
        `The $bit modifier only supports 'and', 'or', and 'xor', not '${how}' which is an unknown operator: {${showField(how, operand)}}`,
      );
    }
    const kind = kindOf(operand);
    if (kind !== 'int' && kind !== 'long') {
      throw bad(
        `The $bit modifier field must be an Integer(32/64 bit); a '${kind}' is not supported here: {${showField(how, operand)}}`,
      );
    }
    return { how: how as BitOperation, operand };
  });
  if (operations.length === 0) {
    throw bad(`You must pass in at least one bitwise operation. The format is: {$bit: {field: {and/or/xor: #}}`);
  }
  return operations;
}
