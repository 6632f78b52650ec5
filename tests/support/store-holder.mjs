// Owns the embedded store of a folder until it is killed: node store-holder.mjs <folder> [<bytes kept free ahead>]
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { openEmbedded } = require('../../dist/store/embedded/embedded.js');
const store = await openEmbedded({ dataDir: process.argv[2], reserve: Number(process.argv[3]) || undefined });
process.send?.({ role: store.role, uri: store.uri });
