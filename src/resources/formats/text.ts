import { LineIndex } from '../line-index.js'
import type { Problem } from '../problem.js'
import { printable, type Report, summary } from './report.js'

/** As much of a long line is shown around the mark. */
const shownWidth = 120

type Paint = (style: 'red' | 'yellow' | 'cyan' | 'bold' | 'dim', text: string) => string

const codes = { red: 31, yellow: 33, cyan: 36, bold: 1, dim: 2 } as const

/** For people: each problem with the line it is in and a mark under the place. */
export function renderText(report: Report): string {
  const paint: Paint = report.colour ? (style, text) => `\u001b[${codes[style]}m${text}\u001b[0m` : (_, text) => text
  const lines = new SourceLines(report.read)
  const blocks = report.problems.map((problem) => block(problem, lines, paint))
  return `${[...blocks, summary(report)].join('\n')}\n`
}

function block(problem: Problem, lines: SourceLines, paint: Paint): string {
  const { file, line, column, severity, message, rule, hint } = problem
  const colour = severity === 'error' ? 'red' : 'yellow'
  const place = paint('bold', printable(`${file}:${line}:${column}`))
  let text = `${place}: ${paint(colour, severity)}: ${printable(message)} ${paint('dim', `[${rule}]`)}\n`
  const source = lines.line(file, line)
  if (source !== undefined) {
    const { shown, before, width } = excerpt(source, problem)
    const gutter = ' '.repeat(String(line).length)
    text += `${paint('dim', ` ${line} |`)} ${shown}\n`
    text += `${paint('dim', ` ${gutter} |`)} ${' '.repeat(before)}${paint(colour, '^'.repeat(width))}\n`
  }
  if (hint !== undefined) text += `   ${paint('cyan', 'hint')}: ${printable(hint)}\n`
  return text
}

/** The part of a line around the mark, and where in it the mark goes. */
function excerpt(source: string, problem: Problem): { shown: string; before: number; width: number } {
  const line = source.replaceAll('\t', ' ')
  const start = problem.column - 1
  const from = line.length <= shownWidth || start < shownWidth / 2 ? 0 : start - Math.floor(shownWidth / 2)
  const cut = line.slice(from, from + shownWidth)
  const marked = problem.endLine === problem.line ? problem.endColumn - problem.column : cut.length - (start - from)
  const lead = from > 0 ? '…' : ''
  const before = printable(lead + cut.slice(0, start - from)).length
  const width = printable(cut.slice(start - from, start - from + marked)).length
  return {
    shown: `${printable(lead + cut)}${from + shownWidth < line.length ? '…' : ''}`,
    before,
    width: Math.max(1, width),
  }
}

/** Lines of files, each file read and cut up once. */
class SourceLines {
  readonly #read: Report['read']
  readonly #files = new Map<string, { text: string; index: LineIndex } | undefined>()

  constructor(read: Report['read']) {
    this.#read = read
  }

  line(file: string, line: number): string | undefined {
    if (!this.#files.has(file)) {
      // Problems come by file: one is enough to keep.
      this.#files.clear()
      const text = this.#read(file)?.replace(/^\ufeff/, '')
      this.#files.set(file, text === undefined ? undefined : { text, index: new LineIndex(text) })
    }
    const held = this.#files.get(file)
    return held?.index.line(held.text, line)
  }
}
