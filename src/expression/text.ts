// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the expression language writes ${ } itself
import type { CompileOptions, Evaluate, Expression, Notes } from './expression.js'
import { unresolved } from './expression.js'
import type { Json } from './json.js'
import { toText } from './json-text.js'
import { ExpressionReader } from './reader.js'

/** A piece of a text: as it stands, or a value that is `source` as long as it cannot be resolved. */
export type Part = string | { readonly evaluate: Evaluate; readonly source: string }

/** One expression, or pieces of a text. A single string means that nothing is left to evaluate. */
export type TextProgram =
  | { readonly whole: Evaluate; readonly source: string }
  | { readonly value: Json }
  | readonly Part[]

/** More is not said about one text. */
const maxFindings = 20

/** Reads the expressions in one text. Never throws, whatever the text. */
export function readText(text: string, options: CompileOptions, notes: Notes): TextProgram {
  if (!text.includes('$')) return { value: text }
  const reader = new ExpressionReader(text, options, notes)
  const whole = reader.whole()
  if (whole?.literal !== undefined) return { value: whole.literal.value }
  if (whole?.evaluate === unresolved) return { value: text }
  if (whole !== undefined) return { whole: whole.evaluate, source: text }

  const parts: Part[] = []
  let plain = ''
  let from = 0
  const take = (expression: Expression, at: number): void => {
    const source = text.slice(at, expression.end)
    if (expression.literal !== undefined) plain += toText(expression.literal.value)
    else if (expression.evaluate === unresolved) plain += source
    else {
      if (plain !== '') parts.push(plain)
      parts.push({ evaluate: expression.evaluate, source })
      plain = ''
    }
    from = expression.end
  }

  for (let at = text.indexOf('$'); at >= 0; at = text.indexOf('$', from)) {
    plain += text.slice(from, at)
    from = at
    if (text.startsWith('$$.', at) || text.startsWith('$${', at)) {
      plain += text.slice(at + 1, at + 3)
      from = at + 3
      continue
    }
    if (text.startsWith('${', at)) {
      const delimited = reader.delimited(at)
      if (delimited !== undefined) take(delimited, at)
      else noteDelimiter(text, at, notes)
    } else if (text.startsWith('$.', at)) {
      const expression = reader.inText(at)
      if (expression !== undefined) {
        take(expression, at)
        noteBracket(text, expression, at, notes)
      } else noteSign(text, at, notes)
    }
    if (from === at) {
      plain += '$'
      from = at + 1
    }
  }
  plain += text.slice(from)
  notes.findings.length = Math.min(notes.findings.length, maxFindings)
  if (reader.exhausted) noteExhausted(notes)
  if (parts.length === 0) return { value: plain }
  if (plain !== '') parts.push(plain)
  return parts
}

function noteExhausted(notes: Notes): void {
  const message = 'this text has so many unfinished expressions that not all of it was read'
  notes.findings.push({ rule: 'expression-limit', severity: 'error', message, hint: 'a literal "$." is written "$$."' })
}

/** `$.50` is money, most likely. */
function noteSign(text: string, at: number, notes: Notes): void {
  if (!/[\p{L}\p{N}_]/u.test(text[at + 2] ?? '')) return
  notes.findings.push({
    rule: 'expression-root',
    severity: 'warning',
    message: `"${text.slice(at, at + 20)}" is no expression and stays a text`,
    hint: 'a literal "$." is written "$$."',
    offset: at,
  })
}

function noteDelimiter(text: string, at: number, notes: Notes): void {
  const shown = text.slice(at, at + 40)
  // Something that begins like an expression was meant as one; "${HOME}" may well be a text.
  const meant = /^\$\{\s*\$\.[\p{L}_]/u.test(shown)
  notes.findings.push({
    rule: 'expression-syntax',
    severity: meant ? 'error' : 'warning',
    message: `"${shown}" ${meant ? 'is not a complete expression up to "}"' : 'is no expression and stays a text'}`,
    hint: 'write ${ $.req.name || default }; a literal "${" is written "$${"',
    offset: at,
  })
}

/** In longer text a wildcard or filter is text, which is hardly ever what was meant. */
function noteBracket(text: string, { evaluate, end }: Expression, at: number, notes: Notes): void {
  if (evaluate === unresolved || !/^(?:\[(?:\?|\*|"|-?\d*:)|\.\.?\*|\.\.[\p{L}_])/u.test(text.slice(end, end + 20)))
    return
  notes.findings.push({
    rule: 'expression-syntax',
    severity: 'warning',
    message: `"${text.slice(end, end + 20)}" after "${text.slice(at, end)}" stays a text, because only names, [n] and ['…'] may follow here`,
    hint: `delimit the expression: \${ ${text.slice(at, end)}… }`,
    offset: end,
  })
}
