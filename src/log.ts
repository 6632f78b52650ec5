import pino, { type Logger } from 'pino';

/**
 * Logs are JSON lines, or readable lines when stdout is a terminal. Personal data stays out of them: log references,
 * slugs and counts.
 */
export function createLog(level: string, terminal: boolean): Logger {
  if (!terminal) return pino({ level });
  return pino({
    level,
    transport: { target: 'pino-pretty', options: { ignore: 'pid,hostname', translateTime: 'HH:MM:ss' } },
  });
}
