/** Tests are TypeScript transformed by swc; types are checked by `npm run check`. The store is started once (globalSetup). */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/tests'],
  testMatch: ['**/*.test.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
  globalSetup: '<rootDir>/tests/support/global-setup.ts',
  globalTeardown: '<rootDir>/tests/support/global-teardown.ts',
  // MongoDB's specification tests lie beside the project: `npm run conformance`.
  // The judges need Debian's qpdf, poppler and mupdf: `npm run test:judges`.
  testPathIgnorePatterns: ['<rootDir>/tests/conformance/', '\\.judges\\.test\\.ts$'],
  testSequencer: '<rootDir>/tests/support/longest-first.mjs',
  testTimeout: 30_000,
  maxWorkers: 2,
};
