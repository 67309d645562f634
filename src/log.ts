import { type Logger, pino } from 'pino'

export type { Logger }

/**
 * JSON lines, or a person's format on a terminal. Always on stderr, so that stdout belongs to what a command prints.
 * `level` is one of fatal, error, warn, info, debug, trace, silent.
 */
export function createLog(level: string, forPeople: boolean): Logger {
  const options = { level, base: null, timestamp: () => `,"time":"${new Date().toISOString()}"` }
  if (!forPeople)
    return pino(
      { ...options, formatters: { level: (level) => ({ level }) } },
      pino.destination({ dest: 2, sync: true }),
    )
  return pino({
    ...options,
    timestamp: true,
    transport: {
      target: 'pino-pretty',
      options: { destination: 2, translateTime: 'HH:MM:ss', ignore: 'pid,hostname', singleLine: true },
    },
  })
}
