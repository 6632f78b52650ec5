import TestSequencer from '@jest/test-sequencer';

const Sequencer = TestSequencer.default ?? TestSequencer;

/** Whose files take longest: whole products, browsers, PDFs by the hundred, a hundred thousand leads. */
const LONG = [/\/e2e\//, /\/faults\//, /accessibility/, /\/stamping\//, /\/store\//, /\/exports\//];

function rank({ path }) {
  const at = LONG.findIndex((pattern) => pattern.test(path));
  return at === -1 ? LONG.length : at;
}

/**
 * Starts with what takes longest, so that no core idles at the end. Jest orders files by how long they took last time,
 * which a fresh clone does not know.
 */
export default class LongestFirst extends Sequencer {
  sort(tests) {
    return [...super.sort(tests)].sort((a, b) => rank(a) - rank(b));
  }
}
