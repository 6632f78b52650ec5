// A worker of its own: settles the leads of a campaign that are not settled, all at once:
// node settle-as.mjs <uri> <database> <campaign>
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const mongoose = require('mongoose');
const ledger = require('../../dist/ledger/ledger.js');
const leads = require('../../dist/leads/leads.js');
const [, , uri, dbName, campaign] = process.argv;

await mongoose.connect(uri, { dbName, autoIndex: false, maxPoolSize: 64 });
const ids = await leads.unsettled(campaign, 1000);
await Promise.all(ids.map((id) => ledger.settle(id, new Date())));
await mongoose.disconnect();
