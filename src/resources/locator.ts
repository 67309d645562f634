import type { SourceFile } from '../source/source.js'
import type { Limits } from './limits.js'
import { readFile } from './parse.js'
import { Placer } from './place.js'
import type { Finding, Problem, Severity } from './problem.js'
import type { FileReading } from './reading.js'
import type { Unsealing } from './sops/unsealing.js'

const kept = 16

/** Gives findings their place by reading their file once more: costs nothing as long as there are none. */
export class Locator {
  readonly #limits: Limits
  readonly #unsealing: (file: SourceFile) => Unsealing | undefined
  readonly #readings = new Map<string, { reading: FileReading; place: Placer } | undefined>()

  /** `unsealing`: for files that SOPS has encrypted. */
  constructor(limits: Limits, unsealing: (file: SourceFile) => Unsealing | undefined = () => undefined) {
    this.#limits = limits
    this.#unsealing = unsealing
  }

  /** `index`: number of the document in its file. */
  problem(file: SourceFile, index: number, finding: Finding, part: 'key' | 'value' = 'value'): Problem {
    const read = this.#read(file)
    const document = read?.reading.documents[index]
    if (read === undefined || document === undefined) return atStart(file.path, finding)
    return { file: file.path, ...read.place.problem(document.locate(finding.pointer, part), finding) }
  }

  #read(file: SourceFile): { reading: FileReading; place: Placer } | undefined {
    const key = `${file.hash} ${file.path}`
    if (!this.#readings.has(key)) {
      if (this.#readings.size >= kept) this.#readings.clear()
      const reading = readFile(file.path, file.bytes, this.#limits, this.#unsealing(file))
      this.#readings.set(key, 'rule' in reading ? undefined : { reading, place: new Placer(reading) })
    }
    return this.#readings.get(key)
  }
}

/** A problem of a file as a whole. */
export function atStart(
  file: string,
  found: { rule: string; severity: Severity; message: string; hint?: string; pointer?: string },
  line = 1,
): Problem {
  const { rule, severity, message, hint, pointer = '' } = found
  const place = { line, column: 1, endLine: line, endColumn: 2 }
  return { rule, severity, file, ...place, pointer, message, ...(hint === undefined ? {} : { hint }) }
}
