/**
 * The bare thing that the bench sets Gatefold against: an Express route with one `insertOne` on the same kind of store, and
 * `express.static`. Started by web.mjs with DATA_DIR and FOLDER; prints its address.
 */
import express from 'express';
import mongoose from 'mongoose';
import store from '../dist/store/store.js';

await store.openStore({ dataDir: process.env.DATA_DIR });
const leads = mongoose.connection.collection('leads');
const app = express();
app.post('/insert', express.urlencoded({ extended: false }), async (request, response) => {
  await leads.insertOne({ ...request.body, at: new Date() });
  response.redirect(303, '/thanks');
});
app.use(express.static(process.env.FOLDER));
const server = app.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
