/** MongoDB's aggregation expressions and accumulators, on all types of BSON. The one door of this folder. */
export { type Accumulator, accumulatorFor, isAccumulator } from './accumulators';
export { compileExpression, evaluator, noVariables, type Variables, withLet } from './compile';
export { compareInOrder } from './logic';
