// A worker of its own: does the jobs of a test's database, settings from the environment, until it is killed:
// node work-as.mjs <uri> <database>
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const mongoose = require('mongoose');
const pino = require('pino');
const { loadConfig } = require('../../dist/config.js');
const { Links } = require('../../dist/links.js');
const { createMailer } = require('../../dist/mail/mail.js');
const { asHouse } = require('../../dist/store/scope.js');
const { startWorker } = require('../../dist/worker.js');
const [, , uri, dbName] = process.argv;

const config = loadConfig(process.env);
await mongoose.connect(uri, { dbName, autoIndex: false });
const mailer = createMailer({ dataDir: config.dataDir, from: async () => 'Doors Weekly <papers@doors.example>' });
const links = new Links(config.publicUrl, config.secretKeys);
const log = pino({ level: 'fatal' }, pino.destination(2));
asHouse(() => startWorker({ config, links, mailer, log, nudge: () => {}, now: () => new Date() }));
