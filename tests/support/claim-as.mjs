// Makes a store's record of its owner name another process: node claim-as.mjs <folder> <pid>
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);
const { openDisk } = require('../../dist/store/embedded/disk.js');
const [, , folder, pid] = process.argv;
const disk = openDisk(join(folder, 'store'));
const key = Buffer.from('owner');
const owner = JSON.parse(disk.catalogue.get(key).toString());
await disk.root.transaction(() => {
  disk.catalogue.put(key, Buffer.from(JSON.stringify({ ...owner, pid: Number(pid) })));
});
await disk.close();
