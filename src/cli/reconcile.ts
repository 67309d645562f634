import { Option } from 'commander'
import type { ReconcileResult } from '../status/operations.js'
import type { ReconcileOutcome } from '../status/views.js'
import { type CliCommand, exitCodes } from './command.js'
import { type ControlOptions, controlOptions, parseInterval, withControl } from './control-options.js'
import { renderProblems } from './declaration-problems.js'
import { printJson } from './lossless.js'
import { printable } from './view.js'

interface ReconcileOptions extends ControlOptions {
  readonly allowPrune?: string
  readonly timeout: number
  readonly output: 'text' | 'json'
}

const codes: Readonly<Record<ReconcileOutcome, number>> = {
  applied: exitCodes.clean,
  unchanged: exitCodes.clean,
  rejected: exitCodes.problems,
  suspended: exitCodes.problems,
  failed: exitCodes.notComputed,
}

export const reconcileCommand: CliCommand = {
  register(program, io) {
    const command = program
      .command('reconcile')
      .description('look at the source again now, and wait for the outcome')
      .option('--allow-prune <revision>', 'let this revision delete more than the deletion budget allows')
      .addOption(new Option('--timeout <duration>', 'how long to wait').argParser(parseInterval).default(300_000, '5m'))
      .addOption(new Option('-o, --output <format>', 'how to show it').choices(['text', 'json']).default('text'))
    controlOptions(command).action((options: ReconcileOptions) =>
      withControl(io, options, async (client) => {
        const { allowPrune, timeout } = options
        const call = { timeoutMs: timeout, signal: io.signal }
        const result = await client.post<ReconcileResult>(
          '/api/v1/reconcile',
          allowPrune === undefined ? {} : { allowPrune },
          call,
        )
        io.stdout(options.output === 'json' ? printJson(result, 2) : renderResult(result))
        if (result.outcome === 'suspended') io.stderr('applying is suspended; go on with "callboard resume"\n')
        return codes[result.outcome]
      }),
    )
  },
}

function renderResult({ outcome, revision, generation, reason, message, changes, problems }: ReconcileResult): string {
  const what = [outcome, revision ?? '', generation === null ? '' : `(generation ${generation})`].filter(
    (part) => part !== '',
  )
  const lines = changes.map(({ operation, kind, namespace, name, from }) => {
    const moved = from === undefined ? '' : ` from ${from}`
    return printable(`  ${operation} ${kind} ${namespace === '' ? '' : `${namespace}/`}${name}${moved}`)
  })
  return `${[printable(`${what.join(' ')}: ${reason}: ${message}`), ...lines].join('\n')}\n${renderProblems(problems)}`
}
