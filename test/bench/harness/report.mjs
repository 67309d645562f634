// What was measured, beside what it is to be.
import { writeFileSync } from 'node:fs'

/**
 * One line of the report. `value` is what is judged: `{min, median, max, count}`. `target`, when there is one, is the most
 * that the median may be. `detail` is for people, `data` for the JSON file.
 */
export function finding({ scenario, name, unit, value, target, detail = '', data = {} }) {
  const ok = target === undefined ? undefined : value.median <= target
  return { scenario, name, unit, value, target, ok, detail, data }
}

const units = {
  ratio: (number) => `×${number.toFixed(number < 10 ? 2 : 1)}`,
  ms: (number) => `${number.toFixed(number < 100 ? 2 : 0)} ms`,
  MB: (number) => `${number.toFixed(0)} MB`,
  count: (number) => String(number),
}

/** A table for a terminal, also readable in a log. */
export function table(findings) {
  const rows = findings.map(({ name, unit, value, target, ok, detail }) => {
    const show = units[unit]
    const range = value.count > 1 ? `${show(value.min)} … ${show(value.max)}` : ''
    const verdict = ok === undefined ? '' : ok ? 'ok' : 'MISSED'
    return [name, show(value.median), range, target === undefined ? '' : `≤ ${show(target)}`, verdict, detail]
  })
  const heads = ['', 'median', 'min … max', 'target', '', '']
  const widths = heads.map((head, column) => Math.max(head.length, ...rows.map((row) => row[column].length)))
  const line = (row) =>
    row
      .map((cell, column) =>
        column === 0 || column === 5 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]),
      )
      .join('  ')
      .trimEnd()
  return [line(heads), ...rows.map(line)].join('\n')
}

export function writeResults(file, results) {
  writeFileSync(file, `${JSON.stringify(results, undefined, 2)}\n`)
}
