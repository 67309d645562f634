import type { CompileOptions, ExpressionFinding, Root } from './expression.js'
import { isObject, type Json, parseJson } from './json.js'
import { compileProgram, type Program } from './program.js'
import type { Scope } from './scope.js'

export type { CompileOptions, ExpressionFinding, Root } from './expression.js'

/** A JSON value with expressions in its strings, compiled once. */
export interface Template {
  /** True when no expression is in it: `render` always gives the same value. */
  readonly constant: boolean
  readonly uses: ReadonlySet<Root>
  /**
   * The value with every expression replaced. Never throws; what cannot be resolved stays as written. Parts of it are
   * shared with the declaration and with what the scope holds: read it, do not change it.
   */
  render(scope: Scope): Json
  /** `render` as JSON text, made from prepared chunks. Numbers too large for a double keep their text. */
  renderJson(scope: Scope): string
  /** `render` as text: strings as they are, objects as JSON, null as `null`. For headers, URLs and text bodies. */
  renderText(scope: Scope): string
}

export interface Compiled {
  readonly template: Template
  readonly findings: readonly ExpressionFinding[]
}

/** Compiles the expressions in every string of `value`; keys are left as they are. Never throws. */
export function compileTemplate(value: Json, options: CompileOptions): Compiled {
  return toCompiled(compileProgram(value, options, false))
}

/** The same for one text that stays a text: `render` gives a string, whatever type an expression finds. */
export function compileText(text: string, options: CompileOptions): Compiled {
  return toCompiled(compileProgram(text, options, true))
}

/**
 * Compiles a payload given as text. One that is JSON is rendered structurally, so that what is put in is escaped: render it
 * with `renderJson` (`json` says so). A constant one is served as written, with its white space. Findings then say the place
 * inside the JSON in words, because `pointer` leads to the text.
 */
export function compilePayloadText(text: string, options: CompileOptions): Compiled & { readonly json: boolean } {
  const value = tryParse(text)
  if (value === undefined) return { ...compileText(text, options), json: false }
  const { findings, ...program } = compileProgram(value, options, false)
  return {
    json: true,
    template:
      program.constant && !text.includes('$')
        ? { ...program, renderJson: () => text, renderText: () => text }
        : program,
    findings: findings.map(({ offset: _inside, ...finding }) => ({
      ...finding,
      pointer: '',
      message: finding.pointer === '' ? finding.message : `at ${finding.pointer} of the JSON: ${finding.message}`,
    })),
  }
}

/** Numbers, `true` and the like read the same either way, and stay texts. */
function tryParse(text: string): Json | undefined {
  if (!/^\s*["[{]/.test(text)) return undefined
  try {
    const value = parseJson(text)
    return isObject(value) || Array.isArray(value) || typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}

function toCompiled({ findings, ...template }: Program): Compiled {
  return { template, findings }
}
