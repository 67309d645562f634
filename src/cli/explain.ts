import { readFileSync } from 'node:fs'
import { InvalidArgumentError, Option } from 'commander'
import { SourceError } from '../source/source.js'
import type { ExplainRequest, ExplainView, MockReference } from '../status/views.js'
import { type CliCommand, exitCodes, type Io } from './command.js'
import { ControlError } from './control-client.js'
import { type ControlOptions, controlClient, controlOptions } from './control-options.js'
import { registerExplainEvent } from './explain-event.js'
import { printJson } from './lossless.js'
import { assertFolder } from './offline.js'
import { explainOffline } from './offline-explain.js'
import { type SettingsOptions, settingsOptions, withSettings } from './settings-options.js'
import { printable } from './view.js'

interface ExplainOptions extends ControlOptions, SettingsOptions {
  readonly header: readonly (readonly [string, string])[]
  readonly body?: string
  readonly dir?: string
  readonly output: 'text' | 'json'
}

export const explainCommand: CliCommand = {
  register(program, io) {
    const explain = program.command('explain').description('say what would happen, and why')
    registerExplainEvent(explain, io)
    const command = explain
      .command('request')
      .description('which mock would answer a request, and why the others would not; changes nothing')
      .argument('<METHOD>', 'such as GET')
      .argument('<path>', 'with its query, such as /stubs/shop/orders?limit=2')
      .addOption(new Option('-H, --header <header>', '"Name: value"; may be repeated').argParser(header).default([]))
      .option('-d, --body <file>', 'file with the body, or - for standard input')
      .option('--dir <dir>', 'explain by the declarations in a folder instead of asking a running controller')
      .addOption(new Option('-o, --output <format>', 'how to show it').choices(['text', 'json']).default('text'))
    settingsOptions(controlOptions(command)).action((method: string, path: string, options: ExplainOptions) =>
      withSettings(io, options, {}, async (settings) => {
        if (!/^[A-Za-z-]+$/.test(method) || !path.startsWith('/')) {
          io.stderr('error: give a method and a path that starts with /, such as GET /stubs/shop/orders\n')
          return exitCodes.usage
        }
        try {
          const body = readBody(options.body)
          const request: ExplainRequest = { method: method.toUpperCase(), path, headers: options.header, ...body }
          if (options.dir === undefined) return show(await ask(request, options, io), options, io)
          await assertFolder(options.dir)
          return show(await explainOffline(request, options.dir, settings, io), options, io)
        } catch (error) {
          if (error instanceof ControlError) {
            io.stderr(`error: ${error.message}\n`)
            return error.exitCode
          }
          if (!(error instanceof SourceError)) throw error
          io.stderr(`error: ${error.message}\n`)
          return exitCodes.notComputed
        }
      }),
    )
  },
}

function ask({ method, path, headers, body }: ExplainRequest, options: ControlOptions, io: Io): Promise<ExplainView> {
  const lists: Record<string, string[]> = {}
  for (const [name, value] of headers) lists[name] = [...(lists[name] ?? []), value]
  return controlClient(io, options).post<ExplainView>('/api/v1/explain/request', {
    method,
    path,
    headers: lists,
    ...(body === undefined ? {} : { body }),
  })
}

function show(view: ExplainView, { output }: ExplainOptions, io: Io): number {
  io.stdout(output === 'json' ? printJson(view, 2) : text(view))
  return view.mock === null ? exitCodes.problems : exitCodes.clean
}

function text({ method, path, mock, reason, candidates }: ExplainView): string {
  const others = candidates.filter(({ matches }) => !matches)
  const lines = [
    `${method} ${path}`,
    mock === null ? `  no mock answers: ${reason}` : `  ${place(mock)} answers: ${reason}`,
    ...others.flatMap(({ mock: other, differs }) => [`  not ${place(other)}`, ...differs.map((why) => `      ${why}`)]),
  ]
  return `${lines.map(printable).join('\n')}\n`
}

function place({ namespace, name, file, line }: MockReference): string {
  return `${namespace}/${name}${file === undefined ? '' : ` (${file}:${line})`}`
}

function header(text: string, before: readonly (readonly [string, string])[]): (readonly [string, string])[] {
  const at = text.indexOf(':')
  if (at < 1) throw new InvalidArgumentError('write it as "Name: value".')
  return [...before, [text.slice(0, at).trim(), text.slice(at + 1).trim()]]
}

function readBody(file: string | undefined): { body?: string } {
  if (file === undefined) return {}
  try {
    return { body: readFileSync(file === '-' ? 0 : file, 'utf8') }
  } catch (error) {
    throw new SourceError(`the body cannot be read: ${error instanceof Error ? error.message : error}`)
  }
}
