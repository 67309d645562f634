import type { SuspensionResult } from '../status/operations.js'
import { type CliCommand, exitCodes } from './command.js'
import { type ControlOptions, controlOptions, withControl } from './control-options.js'

export const resumeCommand: CliCommand = {
  register(program, io) {
    const command = program.command('resume').description('go on applying what the source declares')
    controlOptions(command).action((options: ControlOptions) =>
      withControl(io, options, async (client) => {
        const { changed } = await client.post<SuspensionResult>('/api/v1/resume', {}, { signal: io.signal })
        io.stdout(changed ? 'applying goes on\n' : 'applying was not suspended\n')
        return exitCodes.clean
      }),
    )
  },
}
