import { isSafeNumber, LosslessNumber, parse, stringify } from 'lossless-json'
import { type ScalarTag, stringify as stringifyYaml } from 'yaml'

/** Parses JSON; numbers that a double cannot hold keep their text, so that what is printed is what is declared. */
export function parseLossless(text: string): unknown {
  return parse(text, undefined, (number) => (isSafeNumber(number) ? Number(number) : new LosslessNumber(number)))
}

export function printJson(value: unknown, indent?: number): string {
  return `${stringify(value, undefined, indent)}\n`
}

const losslessTag: ScalarTag = {
  tag: 'tag:yaml.org,2002:float',
  default: true,
  identify: (value) => value instanceof LosslessNumber,
  resolve: (text) => text,
  test: /^$/u,
  stringify: ({ value }) => String(value),
}

export function printYaml(value: unknown): string {
  return stringifyYaml(value, { lineWidth: 0, customTags: [losslessTag] })
}
