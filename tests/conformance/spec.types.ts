/** The parts of the unified test format (mongodb/specifications, source/unified-test-format) that the runner reads. */
type Doc = Record<string, unknown>;

export interface Requirement {
  minServerVersion?: string;
  maxServerVersion?: string;
  topologies?: string[];
}

export interface ExpectedError {
  isClientError?: boolean;
  errorContains?: string;
  errorCode?: number;
  errorResponse?: Doc;
  expectResult?: unknown;
  writeErrors?: Record<string, Doc>;
  writeConcernErrors?: unknown;
}

export interface Operation {
  name: string;
  object: string;
  arguments?: Doc;
  expectError?: ExpectedError;
  expectResult?: unknown;
  saveResultAsEntity?: string;
}

interface Entity {
  id: string;
  [field: string]: unknown;
}

export type EntitySpec = Partial<Record<'client' | 'database' | 'collection' | 'bucket', Entity>>;

export interface Outcome {
  collectionName: string;
  databaseName: string;
  documents: Doc[];
}

interface InitialData extends Outcome {
  createOptions?: Doc;
}

interface ExpectedEvents {
  client: string;
  ignoreExtraEvents?: boolean;
  events: Doc[];
}

export interface SpecTest {
  description: string;
  runOnRequirements?: Requirement[];
  skipReason?: string;
  operations: Operation[];
  expectEvents?: ExpectedEvents[];
  outcome?: Outcome[];
}

export interface SpecFile {
  description: string;
  runOnRequirements?: Requirement[];
  createEntities?: EntitySpec[];
  initialData?: InitialData[];
  tests: SpecTest[];
}
