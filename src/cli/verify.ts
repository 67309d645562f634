import { Option } from 'commander'
import type { VerifyRequest, VerifyResult } from '../status/verify.js'
import type { RequestSummary } from '../status/views.js'
import { type CliCommand, exitCodes } from './command.js'
import { type ControlOptions, controlOptions, parseCount, withControl } from './control-options.js'
import { printJson } from './lossless.js'
import { printable } from './view.js'

interface VerifyOptions
  extends ControlOptions,
    Pick<VerifyRequest, 'times' | 'atLeast' | 'atMost' | 'namespace' | 'mock' | 'since'> {
  readonly output: 'text' | 'json'
}

export const verifyCommand: CliCommand = {
  register(program, io) {
    const command = program
      .command('verify')
      .description('check how often a request was made; exit code 1 when it was not as expected')
      .argument('<method>', 'method')
      .argument('<path>', 'path without a query; * stands for anything')
      .addOption(new Option('--times <n>', 'exactly so often').argParser(parseCount).conflicts(['atLeast', 'atMost']))
      .addOption(new Option('--at-least <n>', 'at least so often; 1 when no number is given').argParser(parseCount))
      .addOption(new Option('--at-most <n>', 'at most so often').argParser(parseCount))
      .option('-n, --namespace <namespace>', 'only this namespace; the path may then be a route within it')
      .option('--mock <name>', 'only what this mock answered')
      .option('--since <time>', 'only from this time on: ISO 8601, or a duration before now such as 5m')
      .addOption(new Option('-o, --output <format>', 'how to show it').choices(['text', 'json']).default('text'))
    controlOptions(command).action((method: string, path: string, options: VerifyOptions) =>
      withControl(io, options, async (client) => {
        const { times, atLeast, atMost, namespace, mock, since } = options
        const given = { method, path, times, atLeast, atMost, namespace, mock, since }
        const wanted = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
        const result = await client.post<VerifyResult>('/api/v1/requests/verify', wanted, { signal: io.signal })
        io.stdout(options.output === 'json' ? printJson(result, 2) : renderResult(result))
        if (result.verified === null) return exitCodes.notComputed
        return result.verified ? exitCodes.clean : exitCodes.problems
      }),
    )
  },
}

function renderResult({ verified, message, requests, unmatched }: VerifyResult): string {
  const verdict = verified === null ? 'unknown' : verified ? 'verified' : 'failed'
  const sections =
    verified === true ? '' : section('newest that match', requests) + section('newest that no mock answered', unmatched)
  return `${verdict}: ${printable(message)}\n${sections}`
}

function section(title: string, requests: readonly RequestSummary[]): string {
  if (requests.length === 0) return ''
  const lines = requests.map(({ time, method, path, status, nearMisses: [nearest] }) => {
    const near = nearest === undefined ? '' : `; nearest ${nearest.mock.name}: ${nearest.differs.join(', ')}`
    return printable(`  ${time} ${method} ${path} ${status ?? 'no answer'}${near}`)
  })
  return `${title}:\n${lines.join('\n')}\n`
}
