// What all commands that ask a running controller have in common: where it is, who asks, and how it ends.
import { type Command, InvalidArgumentError, Option } from 'commander'
import { exitCodes, type Io } from './command.js'
import { ControlClient, ControlError, defaultControlUrl } from './control-client.js'

export interface ControlOptions {
  readonly control?: string
  readonly token?: string
}

/** Adds `--control` and `--token`. */
export function controlOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--control <url>', `control port to ask (env: CALLBOARD_CONTROL_URL, default: ${defaultControlUrl})`),
    )
    .addOption(new Option('--token <token>', 'bearer token (env: CALLBOARD_TOKEN)'))
}

/** The client for what the command line and the environment say. Throws `ControlError` for what cannot be used. */
export function controlClient(io: Io, { control, token }: ControlOptions, via?: 'mcp'): ControlClient {
  const url = controlUrl(control ?? (io.env.CALLBOARD_CONTROL_URL || defaultControlUrl))
  const bearer = token ?? (io.env.CALLBOARD_TOKEN || undefined)
  if (bearer !== undefined && !/^[\x21-\x7e]+$/.test(bearer)) {
    throw new ControlError('the token is empty, or has characters that a header cannot carry', exitCodes.usage)
  }
  return new ControlClient({
    url,
    ...(bearer === undefined ? {} : { token: bearer }),
    ...(via === undefined ? {} : { via }),
  })
}

/** Runs `work` with a client, and turns what goes wrong into a message on stderr and an exit code. */
export async function withControl(
  io: Io,
  options: ControlOptions,
  work: (client: ControlClient) => Promise<number>,
): Promise<void> {
  try {
    io.exit(await work(controlClient(io, options)))
  } catch (error) {
    if (!(error instanceof ControlError)) throw error
    if (io.signal?.aborted) return io.exit(exitCodes.clean)
    io.stderr(`error: ${error.message}\n`)
    io.exit(error.exitCode)
  }
}

function controlUrl(text: string): URL {
  const given = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`
  const url = URL.canParse(given) ? new URL(given) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new ControlError(
      `--control ${JSON.stringify(text)} is not an http or https URL such as ${defaultControlUrl}`,
      exitCodes.usage,
    )
  }
  if (url.username !== '' || url.password !== '') {
    throw new ControlError(
      '--control has credentials in it; give the token with --token or CALLBOARD_TOKEN',
      exitCodes.usage,
    )
  }
  return url
}

/** For numbers on the command line: whole, from 0. */
export function parseCount(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('give a whole number from 0.')
  return Number(text)
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 }

/** `500ms`, `2s`, `1m` in milliseconds. */
export function parseInterval(text: string): number {
  const [, amount = '', unit = ''] = /^(\d{1,6}(?:\.\d{1,3})?)(ms|s|m)$/.exec(text) ?? []
  const factor = unitMs[unit]
  const ms = factor === undefined ? 0 : Number(amount) * factor
  if (ms <= 0) throw new InvalidArgumentError('give a duration such as 500ms, 2s or 1m.')
  return ms
}
