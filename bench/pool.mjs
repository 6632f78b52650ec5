/** The bare thing that delivery.mjs sets Gatefold against: a nodemailer pool that sends one file again and again. */
import { readFileSync } from 'node:fs';
import nodemailer from 'nodemailer';

const { SMTP, MAILS, CONNECTIONS, ROUND } = process.env;
const raw = readFileSync(process.argv[2]);
const pool = nodemailer.createTransport({
  url: SMTP,
  pool: true,
  maxConnections: Number(CONNECTIONS),
  maxMessages: 1e6,
});
await Promise.all(
  Array.from({ length: Number(MAILS) }, (_, n) =>
    pool.sendMail({ envelope: { from: 'papers@example.com', to: `pool.${ROUND}.${n}@example.com` }, raw }),
  ),
);
pool.close();
