// YAML 1.2 (core schema) by the `yaml` package, document by document, with bounds of our own: its stream of tokens is
// watched for depth before anything recursive sees it, and values are taken from its nodes by `YamlValues`.

import { Composer, type Document, Lexer, Parser, type YAMLError } from 'yaml'
import { KeyCheck } from './key-check.js'
import type { Limits } from './limits.js'
import type { FileReading, ReadDocument, Span, TextFault } from './reading.js'
import { macFault, type Unsealing } from './sops/unsealing.js'
import { unsealYaml } from './sops/yaml.js'
import { locateNode } from './yaml-place.js'
import { BrokenDocument, YamlValues } from './yaml-values.js'

/** The parser keeps a level or two for the document and the scalar it is reading. */
const extraLevels = 8

const hints: Partial<Record<YAMLError['code'], string>> = {
  TAB_AS_INDENT: 'indent with spaces',
  BAD_INDENT: 'put the lines that belong together into the same column',
  MULTILINE_IMPLICIT_KEY: 'a colon is missing, or a quote is not closed',
  BLOCK_AS_IMPLICIT_KEY: 'put the value in quotes when it holds ": "',
  BAD_SCALAR_START: 'put the value in quotes',
  BAD_DQ_ESCAPE: 'write a backslash as \\\\ or use single quotes',
}

/** `unsealing`: what decrypts the values, in a file that SOPS has encrypted. */
export function readYaml(text: string, limits: Limits, unsealing?: Unsealing): FileReading {
  const documents: ReadDocument[] = []
  let broken: TextFault | undefined
  // Duplicate keys are found by KeyCheck: the package compares every key with every other.
  const composer = new Composer({
    schema: 'core',
    resolveKnownTags: false,
    uniqueKeys: false,
    prettyErrors: false,
    keepSourceTokens: false,
    logLevel: 'silent',
  })
  try {
    for (const document of composer.compose(tokens(text, limits))) {
      if (isEmpty(document)) continue
      if (documents.length >= limits.documentsPerFile) {
        const start = document.range[0]
        const message = `more than ${limits.documentsPerFile} documents in one file`
        const hint = 'split the file, or raise limits.documentsPerFile in the settings'
        broken = { rule: 'too-many-documents', span: [start, start + 1], pointer: '', message, hint }
        break
      }
      documents.push(readDocument(document, text, limits, unsealing))
    }
  } catch (error) {
    if (!(error instanceof BrokenDocument)) throw error
    broken = error.fault
  }
  return { text, documents, broken: broken ?? macFault(unsealing) }
}

function* tokens(text: string, limits: Limits) {
  const lexer = new Lexer()
  const parser = new Parser()
  for (const lexeme of lexer.lex(text)) {
    yield* parser.next(lexeme)
    // A chain of ten thousand brackets takes the composer's call stack, and the process with it.
    if (parser.stack.length > limits.depth + extraLevels) {
      const at = Math.min(parser.offset, Math.max(0, text.length - 1))
      const message = `nested deeper than ${limits.depth} levels`
      throw new BrokenDocument({ rule: 'too-deep', span: [at, at + 1], pointer: '', message })
    }
  }
  yield* parser.end()
}

function isEmpty(document: Document.Parsed): boolean {
  if (document.errors.length > 0) return false
  const { contents } = document
  return (
    contents === null || ('value' in contents && contents.value === null && contents.range[0] === contents.range[1])
  )
}

function readDocument(document: Document.Parsed, text: string, limits: Limits, unsealing?: Unsealing): ReadDocument {
  const start = document.contents?.range?.[0] ?? document.range[0]
  const [error] = document.errors
  if (error !== undefined) {
    const broken = syntaxFault(error, text)
    return { value: undefined, start, broken, faults: [], locate: () => broken.span }
  }
  const keys = new KeyCheck(text, limits)
  if (unsealing !== undefined) unsealYaml(document, text, unsealing)
  try {
    const value = new YamlValues(keys, limits).read(document.contents)
    const locate: ReadDocument['locate'] = (pointer, part) => locateNode(document.contents, pointer, part)
    const faults = unsealing === undefined ? keys.faults : [...keys.faults, ...unsealing.faults]
    return { value, start, broken: undefined, faults, locate, ...(unsealing && { encrypted: unsealing.places }) }
  } catch (failure) {
    if (!(failure instanceof BrokenDocument)) throw failure
    const { fault } = failure
    return { value: undefined, start, broken: fault, faults: [], locate: () => fault.span }
  }
}

function syntaxFault(error: YAMLError, text: string): TextFault {
  // Some errors are placed after the end of the text, where no line is.
  const start = Math.min(error.pos[0], Math.max(0, text.length - 1))
  const span: Span = [start, Math.max(start + 1, Math.min(error.pos[1], text.length))]
  const message = error.message.charAt(0).toLowerCase() + error.message.slice(1, 300)
  const hint = hints[error.code]
  return { rule: 'yaml-syntax', span, pointer: '', message, ...(hint === undefined ? {} : { hint }) }
}
