import type { Requirement, SpecFile, SpecTest } from './spec.types';

/** What the server says it is: the tests for other ones do not apply. */
export const SERVER = { version: '7.0.0', topology: 'single' };

/** Why a test does not apply to this server; null when it does. */
export function whyNot(file: SpecFile, test: SpecTest): string | null {
  if (test.skipReason) return 'skipped by the specification itself';
  if (test.operations.some(({ name }) => name === 'failPoint')) {
    return "needs failures on demand (MongoDB's test command `configureFailPoint`)";
  }
  return unmet(file.runOnRequirements) ?? unmet(test.runOnRequirements) ?? driverHasNot(test, file);
}

function unmet(requirements: Requirement[] = []): string | null {
  const reasons = requirements.map(unmetOne);
  return reasons.length === 0 || reasons.includes(null) ? null : (reasons[0] ?? null);
}

function unmetOne({ minServerVersion, maxServerVersion, topologies }: Requirement): string | null {
  if (topologies && !topologies.includes(SERVER.topology)) return 'needs a replica set or a sharded cluster';
  if (minServerVersion && order(minServerVersion, SERVER.version) > 0) return 'needs a newer server than 7.0';
  if (maxServerVersion && order(maxServerVersion, SERVER.version) < 0) return 'is for an older server than 7.0';
  return null;
}

function order(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  for (let i = 0; i < 3; i += 1) {
    const difference = (left?.[i] ?? 0) - (right?.[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

const NOT_IN_THE_DRIVER = new Set(['deleteByName', 'renameByName']);

/** What Node's driver does otherwise, whatever server it speaks to (read off its source, 7.8.0). */
const OF_THE_DRIVER: Readonly<Record<string, RegExp>> = {
  bypassDocumentValidation:
    /^(Aggregate with \$out|BulkWrite|FindOneAnd\w+|InsertMany) passes bypassDocumentValidation: false$/,
  'create-null-ids': /^inserting _id with type null via (insertOne|insertMany|bulkWrite)$/,
  'gridfs-download': /^download when final chunk is missing$/,
};

function driverHasNot({ operations, description }: SpecTest, file: SpecFile): string | null {
  const otherwise = OF_THE_DRIVER[file.description]?.test(description) ?? false;
  const missing = operations.some(({ name }) => NOT_IN_THE_DRIVER.has(name));
  return otherwise || missing ? "is of what Node's driver does not have or does otherwise on any server" : null;
}
