import type { Json } from '../expression/json.js'
import { nearest } from '../expression/suggest.js'
import { secretHint, visitKnownTokens } from './known-tokens.js'
import { visitMarks } from './marks.js'
import { joinPointer } from './reading.js'
import { schemaFile } from './schemas.js'
import type { DocumentFinding } from './validate.js'

/** Above this many seconds a time was probably meant in milliseconds. */
const longSeconds = 600

/**
 * What a valid spec holds that should not stay so: fields without meaning here, literal secrets, doubtful times.
 * `encrypted`: pointers to values that are no literals in their file.
 */
export function specWarnings(
  schema: string,
  spec: Json,
  encrypted: ReadonlySet<string> = new Set(),
): DocumentFinding[] {
  const findings: DocumentFinding[] = []
  visitMarks(schema, spec, (mark, path, value) => {
    const pointer = path.reduce<string>(joinPointer, '/spec')
    const name = String(path.at(-1))
    const base = { severity: 'warning', pointer } as const
    if (mark === 'ignored') {
      const message = `"${name}" has no meaning here and is ignored`
      findings.push({ ...base, rule: 'ignored-field', message, hint: 'remove it', part: 'key' })
    } else if (mark === 'secret' && isLiteral(value) && !encrypted.has(pointer)) {
      const message = `"${name}" holds a secret as literal text`
      findings.push({
        ...base,
        rule: 'literal-secret',
        message,
        hint: secretHint(name),
        part: 'value',
      })
    } else if (mark === 'seconds' && typeof value === 'number' && value > longSeconds) {
      const message = `"${name}" is in seconds: ${value} is ${duration(value)}; milliseconds?`
      findings.push({
        ...base,
        rule: 'long-time',
        message,
        hint: `if it was meant in milliseconds, write ${value / 1000}`,
        part: 'value',
      })
    }
  })
  visitKnownTokens(schema, spec, (path, what) => {
    const pointer = path.reduce<string>(joinPointer, '/spec')
    if (encrypted.has(pointer) || findings.some((found) => found.pointer === pointer)) return
    const message = `this holds ${what} as literal text`
    const hint =
      'whoever reads the repository can use it: revoke it, and keep the new one out by {env: NAME}, {file: path} or SOPS'
    findings.push({ rule: 'literal-secret', severity: 'warning', pointer, message, hint, part: 'value' })
  })
  return findings
}

/** An expression may be a secret's name in a store. */
function isLiteral(value: Json): boolean {
  return typeof value === 'string' && value !== '' && !value.includes('$.')
}

/** Annotations with our prefix that nothing reads: a misspelt one would be without effect, and nobody would notice. */
export function annotationWarnings(annotations: Readonly<Record<string, string>>): DocumentFinding[] {
  return Object.keys(annotations)
    .filter((name) => name.startsWith('callboard/') && !knownAnnotations().includes(name))
    .map((name) => {
      const meant = nearest(name, knownAnnotations())
      return {
        rule: 'unknown-annotation',
        severity: 'warning',
        pointer: joinPointer('/metadata/annotations', name),
        message: `nothing reads the annotation "${name}"`,
        hint: meant === undefined ? `known: ${knownAnnotations().join(', ')}` : `did you mean "${meant}"?`,
        part: 'key',
      }
    })
}

function knownAnnotations(): string[] {
  return Object.keys(schemaFile('common').$defs?.annotations?.properties ?? {})
}

function duration(seconds: number): string {
  if (seconds < 5_400) return `${Math.round(seconds / 60)} minutes`
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} hours` : `${Math.round(seconds / 86_400)} days`
}
