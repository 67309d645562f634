import type { SuspensionResult } from '../status/operations.js'
import { type CliCommand, exitCodes } from './command.js'
import { type ControlOptions, controlOptions, withControl } from './control-options.js'

export const suspendCommand: CliCommand = {
  register(program, io) {
    const command = program
      .command('suspend')
      .description('stop applying what the source declares; what is applied goes on serving')
    controlOptions(command).action((options: ControlOptions) =>
      withControl(io, options, async (client) => {
        const { changed } = await client.post<SuspensionResult>('/api/v1/suspend', {}, { signal: io.signal })
        io.stdout(changed ? 'applying is suspended\n' : 'applying was suspended already\n')
        return exitCodes.clean
      }),
    )
  },
}
