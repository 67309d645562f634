import type { ResetResult } from '../status/operations.js'
import { type CliCommand, exitCodes } from './command.js'
import { type ControlOptions, controlOptions, withControl } from './control-options.js'
import { plural } from './view.js'

interface ResetOptions extends ControlOptions {
  readonly namespace?: string
  readonly chain?: string
}

export const resetCommand: CliCommand = {
  register(program, io) {
    const command = program
      .command('reset')
      .description('clear stores, counters and recorded requests, between test runs')
      .option('-n, --namespace <namespace>', 'only this namespace')
      .option('--chain <id>', 'only this chain')
    controlOptions(command).action((options: ResetOptions) =>
      withControl(io, options, async (client) => {
        const { namespace, chain } = options
        const scope = { ...(namespace === undefined ? {} : { namespace }), ...(chain === undefined ? {} : { chain }) }
        const cleared = await client.post<ResetResult>('/api/v1/reset', scope, { signal: io.signal })
        const parts = [
          plural(cleared.requests, 'recorded request'),
          plural(cleared.chains, 'chain'),
          plural(cleared.globals, 'global value'),
          plural(cleared.counters, 'counter'),
        ]
        io.stdout(`cleared ${parts.join(', ')}\n`)
        return exitCodes.clean
      }),
    )
  },
}
