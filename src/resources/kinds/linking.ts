import type { Json } from '../../expression/json.js'
import { type Compiled, compileTemplate, compileText, type Root, type Template } from '../../expression/template.js'
import type { Finding } from '../problem.js'
import { type LinkContext, ReferenceRefused } from './kind.js'

/** One document while it is linked: gathers what is found, which files it names, and what its expressions look at. */
export class Linking {
  readonly findings: Finding[] = []
  readonly references: string[] = []
  readonly uses = new Set<Root>()
  readonly env: LinkContext['env']
  /** What sets off what is declared: expressions can look at that alone. */
  readonly occasion: 'request' | 'change'
  readonly #context: LinkContext

  constructor(context: LinkContext, occasion: 'request' | 'change' = 'request') {
    this.env = context.env
    this.occasion = occasion
    this.#context = context
  }

  get failed(): boolean {
    return this.findings.some(({ severity }) => severity === 'error')
  }

  error(pointer: string, rule: string, message: string, hint?: string): void {
    this.findings.push({ rule, severity: 'error', pointer, message, ...(hint === undefined ? {} : { hint }) })
  }

  warning(pointer: string, rule: string, message: string, hint?: string): void {
    this.findings.push({ rule, severity: 'warning', pointer, message, ...(hint === undefined ? {} : { hint }) })
  }

  /** Findings of a part, whose pointers lead from that part. */
  add(pointer: string, findings: readonly Finding[]): void {
    for (const { rule, severity, pointer: below, message, hint } of findings) {
      this.findings.push({ rule, severity, pointer: pointer + below, message, ...(hint === undefined ? {} : { hint }) })
    }
  }

  /** Whether the value at a pointer from the document is encrypted in its file. */
  isEncrypted(pointer: string): boolean {
    return this.#context.isEncrypted?.(pointer) ?? false
  }

  /** Compiles the expressions in a value of any shape. */
  template(pointer: string, value: Json): Template {
    return this.took(pointer, compileTemplate(value, { env: this.env }))
  }

  /** Compiles the expressions in a text that stays a text. */
  text(pointer: string, text: string): Template {
    return this.took(pointer, compileText(text, { env: this.env }))
  }

  took(pointer: string, { template, findings }: Compiled): Template {
    this.add(pointer, findings)
    for (const root of template.uses) this.uses.add(root)
    return template
  }

  /** The bytes of a file that the document names at `pointer`; undefined, and a finding, when they cannot be had. */
  readFile(pointer: string, path: string): Uint8Array | undefined {
    if (!this.references.includes(path)) this.references.push(path)
    try {
      const bytes = this.#context.readFile(path)
      if (bytes === undefined) {
        this.error(pointer, 'missing-file', `no file "${path}"`, 'a path is relative to the folder of this document')
      }
      return bytes
    } catch (error) {
      if (!(error instanceof ReferenceRefused)) throw error
      this.error(pointer, 'refused-file', error.message)
      return undefined
    }
  }
}
