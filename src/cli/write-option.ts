// What is shown in one form on the terminal can be written in others into files, without being worked out again.

import { writeFileSync } from 'node:fs'
import { InvalidArgumentError, Option } from 'commander'
import { SourceError } from '../source/source.js'

export interface Written {
  readonly format: string
  readonly file: string
}

/** `--write json=plan.json`, as often as there are files. */
export function writeOption(formats: readonly string[]): Option {
  const read = (text: string, before: readonly Written[] = []): readonly Written[] => {
    const equals = text.indexOf('=')
    const [format, file] = [text.slice(0, Math.max(0, equals)), text.slice(equals + 1)]
    if (equals < 1 || file === '') throw new InvalidArgumentError('give a format and a file: json=plan.json.')
    if (!formats.includes(format)) {
      throw new InvalidArgumentError(`there is no format "${format}"; there are ${formats.join(', ')}.`)
    }
    return [...before, { format, file }]
  }
  return new Option('--write <format=file>', 'also write it into a file, in this format; may be repeated').argParser(
    read,
  )
}

/** Throws `SourceError` for a file that cannot be written. */
export function writeAll(all: readonly Written[] | undefined, render: (format: string) => string): void {
  for (const { format, file } of all ?? []) {
    const text = render(format)
    try {
      writeFileSync(file, text)
    } catch (error) {
      throw new SourceError(`${file} cannot be written: ${error instanceof Error ? error.message : error}`)
    }
  }
}
