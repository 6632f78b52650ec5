import { arch, cpus, hostname, type as osType, release, totalmem } from 'node:os';
import { Double, Int32, Long } from 'bson';
import { type Doc, StoreError } from '../semantics';
import { MAX_MESSAGE } from '../wire';
import { asDocs, type Command, type Context } from './command';

/** The commands about the server itself, which tools send when they connect. */
const VERSION = '7.0.0';
const DOCUMENT_MAX = 16 * 1024 * 1024;
const STARTED = new Date();

/** As a standalone MongoDB 7.0: no replica set, so the driver retries no writes and opens no transactions. */
const hello: Command = (_body, { connection }) => ({
  helloOk: true,
  ismaster: true,
  isWritablePrimary: true,
  maxBsonObjectSize: new Int32(DOCUMENT_MAX),
  maxMessageSizeBytes: new Int32(MAX_MESSAGE),
  maxWriteBatchSize: new Int32(100_000),
  localTime: new Date(),
  logicalSessionTimeoutMinutes: new Int32(30),
  connectionId: new Int32(connection),
  minWireVersion: new Int32(0),
  maxWireVersion: new Int32(21),
  readOnly: false,
  ok: 1,
});

const ok: Command = () => ({ ok: 1 });

const buildInfo: Command = () => ({
  version: VERSION,
  gitVersion: 'gatefold',
  versionArray: [7, 0, 0, 0],
  modules: ['gatefold'],
  allocator: 'system',
  javascriptEngine: 'none',
  sysInfo: 'deprecated',
  bits: new Int32(64),
  debug: false,
  storageEngines: ['lmdb'],
  maxBsonObjectSize: new Int32(DOCUMENT_MAX),
  openssl: { running: 'none', compiled: 'none' },
  ok: 1,
});

/** Nobody signs in: whoever may open the socket may do everything. */
const connectionStatus: Command = (body) => ({
  authInfo: {
    authenticatedUsers: [],
    authenticatedUserRoles: [],
    ...(body['showPrivileges'] === true && { authenticatedUserPrivileges: [] }),
  },
  ok: 1,
});

const PARAMETERS: Doc = { featureCompatibilityVersion: { version: '7.0' }, authenticationMechanisms: [] };

const getParameter: Command = (body) => {
  const all = body['getParameter'] === '*';
  const asked = Object.keys(body).filter((name) => name !== 'getParameter' && Object.hasOwn(PARAMETERS, name));
  const found = all ? Object.keys(PARAMETERS) : asked;
  if (found.length === 0) throw new StoreError(72, 'no option found to get');
  return { ...Object.fromEntries(found.map((name) => [name, PARAMETERS[name]])), ok: 1 };
};

/** This server keeps no log of its own in memory. */
const getLog: Command = (body) => {
  const which = body['getLog'];
  if (which === '*') return { names: ['global', 'startupWarnings'], ok: 1 };
  if (which === 'global' || which === 'startupWarnings') return { totalLinesWritten: new Int32(0), log: [], ok: 1 };
  throw new StoreError(96, `No log named '${String(which)}'`);
};

const hostInfo: Command = () => ({
  system: {
    currentTime: new Date(),
    hostname: hostname(),
    cpuAddrSize: new Int32(64),
    memSizeMB: Long.fromNumber(Math.floor(totalmem() / 2 ** 20)),
    numCores: new Int32(cpus().length),
    cpuArch: arch(),
    numaEnabled: false,
  },
  os: { type: osType(), name: osType(), version: release() },
  extra: {},
  ok: 1,
});

const whatsmyuri: Command = (_body, { connection }) => ({ you: `unix socket, connection ${connection}`, ok: 1 });
const getCmdLineOpts: Command = () => ({ argv: [], parsed: {}, ok: 1 });

const serverStatus: Command = (_body, { engine, activity, cursors, connection }) => {
  const uptime = (Date.now() - STARTED.getTime()) / 1000;
  const memory = process.memoryUsage();
  return {
    host: hostname(),
    version: VERSION,
    process: 'gatefold',
    pid: Long.fromNumber(process.pid),
    uptime: new Double(process.uptime()),
    uptimeMillis: Long.fromNumber(Math.round(uptime * 1000)),
    localTime: new Date(),
    connections: { current: new Int32(activity.connections), totalCreated: new Int32(Math.max(connection, activity.accepted)) }, // biome-ignore format: one line
    opcounters: activity.opcounters(),
    mem: { bits: new Int32(64), resident: new Int32(Math.round(memory.rss / 2 ** 20)), supported: true },
    metrics: { cursor: { open: { total: Long.fromNumber(cursors.count) } } },
    storageEngine: { name: 'lmdb', supportsCommittedReads: true, persistent: true, readOnly: false },
    store: {
      writes: Long.fromNumber(engine.writer.done.writes),
      transactions: Long.fromNumber(engine.writer.done.transactions),
    },
    ok: 1,
  };
};

const adminOnly = ({ db }: Context, command: string): void => {
  if (db !== 'admin') throw new StoreError(13, `${command} may only be run against the admin database.`);
};

const top: Command = (_body, context) => {
  adminOnly(context, 'top');
  return { totals: context.activity.top(), ok: 1 };
};

const endSessions: Command = (body, { sessions }) => {
  sessions.end(asDocs(body['endSessions']));
  return { ok: 1 };
};

export const SERVER_COMMANDS: Record<string, Command> = {
  hello,
  isMaster: hello,
  ismaster: hello,
  ping: ok,
  endSessions,
  buildInfo,
  buildinfo: buildInfo,
  connectionStatus,
  getParameter,
  getLog,
  getCmdLineOpts,
  hostInfo,
  serverStatus,
  top,
  whatsmyuri,
};
