// How what the control port knows is shown: once or again and again, as a table, JSON or YAML.
import { setTimeout as sleep } from 'node:timers/promises'
import { type Command, Option } from 'commander'
import { exitCodes, type Io } from './command.js'
import { ControlError } from './control-client.js'
import { parseInterval } from './control-options.js'
import { printJson, printYaml } from './lossless.js'

export interface ViewOptions {
  readonly output: 'table' | 'json' | 'yaml'
  readonly watch?: true
  readonly interval: number
}

export function outputOption(): Option {
  return new Option('-o, --output <format>', 'how to show it').choices(['table', 'json', 'yaml']).default('table')
}

export function viewOptions(command: Command): Command {
  return command
    .addOption(outputOption())
    .option('-w, --watch', 'show it again whenever it changes')
    .addOption(
      new Option('--interval <duration>', 'with --watch: how often to ask')
        .argParser(parseInterval)
        .default(1000, '1s'),
    )
}

/** What to show, and the exit code it stands for. */
export interface View {
  readonly data: unknown
  readonly table: string
  readonly exitCode: number
}

/** Shows what `read` gives; with `--watch` until the signal aborts, through restarts of the controller. */
export async function show(
  io: Io,
  { output, watch, interval }: ViewOptions,
  read: () => Promise<View>,
): Promise<number> {
  if (watch === undefined) {
    const view = await read()
    io.stdout(render(view, output, 2))
    return view.exitCode
  }
  let shown: string | undefined
  let exitCode: number = exitCodes.clean
  let complaint: string | undefined
  while (!io.signal?.aborted) {
    try {
      const view = await read()
      // One JSON document a line, so that a reader knows where one ends.
      const text = render(view, output, undefined)
      if (text !== shown) io.stdout(separated(io, output, text, shown === undefined))
      shown = text
      exitCode = view.exitCode
      complaint = undefined
    } catch (error) {
      // A controller that restarts comes back; a question that cannot be answered stays one.
      if (!(error instanceof ControlError) || error.exitCode !== exitCodes.notComputed || error.problem !== undefined)
        throw error
      if (error.message !== complaint && !io.signal?.aborted) io.stderr(`error: ${error.message}; trying again\n`)
      complaint = error.message
    }
    await sleep(interval, undefined, io.signal === undefined ? {} : { signal: io.signal }).catch(() => {})
  }
  return exitCode
}

function render({ data, table }: View, output: ViewOptions['output'], indent: number | undefined): string {
  if (output === 'json') return printJson(data, indent)
  return output === 'yaml' ? printYaml(data) : table
}

function separated(io: Io, output: ViewOptions['output'], text: string, first: boolean): string {
  if (io.isTerminal && output === 'table') return `\u001b[2J\u001b[H${text}`
  if (first || output === 'json') return text
  return output === 'yaml' ? `---\n${text}` : `\n${text}`
}

/** Columns as wide as their widest cell; the last one runs free. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths: number[] = []
  for (const row of rows) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, printable(cell).length)
  }
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, index) => printable(cell).padEnd(widths[index] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}

/** Names and messages come from files: none of them may steer the terminal. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, ' ')
}

export const plural = (count: number, word: string, several = `${word}s`): string =>
  `${count} ${count === 1 ? word : several}`
