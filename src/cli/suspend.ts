import { userInfo } from 'node:os'
import type { SuspensionResult } from '../status/operations.js'
import { type CliCommand, exitCodes } from './command.js'
import { type ControlOptions, controlOptions, withControl } from './control-options.js'

interface SuspendOptions extends ControlOptions {
  readonly reason?: string
  readonly by?: string
}

export const suspendCommand: CliCommand = {
  register(program, io) {
    const command = program
      .command('suspend')
      .description('stop applying what the source declares; what is applied goes on serving')
      .option('--reason <text>', 'why, for whoever looks at the status')
      .option('--by <name>', 'who wants it; the name you are logged in under, unless given')
    controlOptions(command).action((options: SuspendOptions) =>
      withControl(io, options, async (client) => {
        const by = options.by ?? loginName()
        const { reason } = options
        const wanted = { ...(by !== undefined && { by }), ...(reason !== undefined && { reason }) }
        const { changed } = await client.post<SuspensionResult>('/api/v1/suspend', wanted, { signal: io.signal })
        io.stdout(changed ? 'applying is suspended\n' : 'applying was suspended already\n')
        return exitCodes.clean
      }),
    )
  },
}

/** Undefined for a user without a name, as in some containers. */
function loginName(): string | undefined {
  try {
    return userInfo().username || undefined
  } catch {
    return undefined
  }
}
