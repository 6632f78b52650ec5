import base from '../../jest.config.mjs';

/** MongoDB's specification tests on the embedded server: `npm run conformance`. */
export default {
  ...base,
  rootDir: '../..',
  roots: ['<rootDir>/tests/conformance'],
  testPathIgnorePatterns: [],
  maxWorkers: 1,
};
