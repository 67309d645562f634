import type { LoadedSnapshot, SnapshotLoader } from '../../src/reconcile/snapshot-loader.js'
import type { Problem, Severity } from '../../src/resources/problem.js'
import type { Resource, ResourceSet } from '../../src/resources/resource.js'
import type { Snapshot } from '../../src/source/source.js'
import { resource } from './resources.js'

/**
 * Documents of one line each, in the namespace named by their folder:
 * `mock <name> <spec…>`, `renamed <old> <name> <spec…>`, `payload <name> <path>`, `error`, `warning`, `foreign`.
 */
export class FakeLoader implements SnapshotLoader {
  loads = 0
  /** Lines that this version of the program takes for errors. */
  rejects: (line: string) => boolean = () => false
  /** Found only when asked for. */
  late: readonly Problem[] = []
  error: Error | undefined
  #asked: ReadonlySet<string> = new Set()

  async load({ files }: Snapshot, applied: ResourceSet): Promise<LoadedSnapshot> {
    this.loads++
    if (this.error !== undefined) throw this.error
    const resources = new Map<string, Resource>()
    const problems: Problem[] = []
    const references = new Set<string>()
    let unmanaged = 0
    for (const { path, bytes } of files.values()) {
      if (!path.endsWith('.yaml')) continue
      const namespace = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : ''
      for (const [index, line] of Buffer.from(bytes).toString().split('\n').entries()) {
        const problem = (severity: Severity, message: string) =>
          problems.push(aProblem({ severity, message, file: path, line: index + 1 }))
        const [what, ...words] = line.split(' ')
        const declare = (name: string, spec: unknown, annotations = {}) => {
          const made = { ...resource({ namespace, name, spec, annotations }), file: path, line: index + 1 }
          resources.set(made.id, made)
        }
        if (this.rejects(line)) problem('error', `${line} is not known`)
        else if (what === 'error') problem('error', words.join(' ') || 'broken')
        else if (what === 'warning') problem('warning', words.join(' ') || 'odd')
        else if (what === 'foreign') {
          unmanaged++
          for (const { file, id } of applied.values()) if (file === path) problem('error', `${id} is not ours any more`)
        } else if (what === 'mock') declare(words[0] ?? '', words.slice(1).join(' '))
        else if (what === 'renamed') {
          declare(words[1] ?? '', words.slice(2).join(' '), { 'callboard/renamed-from': words[0] })
        } else if (what === 'payload') {
          const [name = '', reference = ''] = words
          references.add(reference)
          const payload = files.get(reference)
          if (payload !== undefined) declare(name, Buffer.from(payload.bytes).toString())
          else if (this.#asked.has(reference)) problem('error', `there is no file ${reference}`)
        }
      }
    }
    const complete = [...references].every((path) => this.#asked.has(path) || files.has(path))
    this.#asked = references
    return { resources, problems, references, complete, counts: { unmanaged } }
  }

  warnings(): readonly Problem[] {
    return this.late
  }
}

export function aProblem(given: Partial<Problem>): Problem {
  return {
    rule: 'some-rule',
    severity: 'error',
    file: 'a.yaml',
    line: 1,
    column: 1,
    endLine: 1,
    endColumn: 1,
    pointer: '',
    message: 'broken',
    ...given,
  }
}
