// Templates of Go (text/template), which other tools take: they are not run here, but said in nunjucks.

import { placeAt, type TemplateFinding } from './syntax.js'

/** A tag of Go, and what it is in nunjucks. */
interface GoTag {
  readonly index: number
  readonly text: string
  readonly nunjucks: string | undefined
}

const maxFindings = 20

export function goFindings(text: string): readonly TemplateFinding[] {
  return goTags(text)
    .slice(0, maxFindings)
    .map(({ index, text: tag, nunjucks }) => ({
      rule: 'template-go-syntax',
      severity: 'error',
      message: `${shown(tag)} is a template of Go`,
      hint: nunjucks === undefined ? 'templates are nunjucks: {{ payload.name }}' : `in nunjucks: ${nunjucks}`,
      ...placeAt(text, index),
    }))
}

function shown(tag: string): string {
  return tag.length > 80 ? `${tag.slice(0, 77)}…}}` : tag
}

const tagPattern = /\{\{(-?)((?:"(?:[^"\\\n]|\\.)*"|`[^`\n]*`|[^{}"`])*?)(-?)\}\}/g
const statement =
  /^(?:range\s+[^(\s]|if\s|else(?:\s+(?:if|with)\s|\s*$)|end\s*$|with\s|define\s|template\s|block\s|(?:break|continue)\s*$)/
const dotted = /^(?:\.|\$)(?:$|[\s|).A-Za-z_])|^\$\w*\s*:?=/
/** A function of Go with the data after it: `printf "%d" .Payload.n`. */
const called =
  /^(?:not|and|or|eq|ne|lt|le|gt|ge|len|index|slice|printf|println?|html|js|urlquery|call)\s+(?:.*[\s(])?[.$][A-Za-z_]/

function goTags(text: string): readonly GoTag[] {
  const inRaw = rawParts(text)
  const open: ('if' | 'for')[] = []
  const found: GoTag[] = []
  for (const match of text.matchAll(tagPattern)) {
    const [tag, left = '', content = '', right = ''] = match
    const code = content.trim()
    if (inRaw.some(([from, to]) => match.index >= from && match.index < to)) continue
    if (!statement.test(code) && !dotted.test(code) && !called.test(withoutStrings(code))) continue
    found.push({ index: match.index, text: tag, nunjucks: translated(code, left, right, open) })
  }
  return found
}

function rawParts(text: string): readonly (readonly [number, number])[] {
  return [...text.matchAll(/\{%-?\s*(raw|verbatim)\s*-?%\}[\s\S]*?(?:\{%-?\s*end\1\s*-?%\}|$)|\{#[\s\S]*?#\}/g)].map(
    ({ index, 0: all }) => [index, index + all.length],
  )
}

function withoutStrings(code: string): string {
  return code.replace(/"(?:[^"\\]|\\.)*"|`[^`]*`/g, '""')
}

function translated(code: string, left: string, right: string, open: ('if' | 'for')[]): string | undefined {
  const tag = (inner: string): string => `{%${left} ${inner} ${right}%}`
  const inLoop = open.includes('for')
  const expression = (text: string): string | undefined => pipeline(text, inLoop)
  const then = (word: string, text: string): string | undefined => {
    const condition = expression(text)
    return condition === undefined ? undefined : tag(`${word} ${condition}`)
  }
  const [, word = '', rest = ''] = /^(\w*)\s*([\s\S]*)$/.exec(code) ?? []
  if (word === 'if' || word === 'with') {
    open.push('if')
    return then('if', rest)
  }
  if (word === 'else') return rest === '' ? tag('else') : then('elif', rest.replace(/^(if|with)\s+/, ''))
  if (word === 'end') return tag(open.pop() === 'for' ? 'endfor' : 'endif')
  if (word === 'range' && rest !== '') {
    const [, names = '', list = ''] = /^((?:\$\w+\s*,\s*)?\$\w+\s*:=\s*)?([\s\S]*)$/.exec(rest) ?? []
    const source = expression(list)
    open.push('for')
    if (source === undefined) return undefined
    const [first, second] = [...names.matchAll(/\$(\w+)/g)].map(([, name]) => name)
    return tag(`for ${second ?? first ?? 'item'} in ${source}`)
  }
  if (['define', 'template', 'block', 'break', 'continue'].includes(word)) return undefined
  const assignment = /^\$(\w+)\s*:?=\s*([\s\S]+)$/.exec(code)
  if (assignment !== null) {
    const value = expression(assignment[2] ?? '')
    return value === undefined ? undefined : tag(`set ${assignment[1]} = ${value}`)
  }
  const value = expression(code)
  return value === undefined ? undefined : `{{${left} ${value} ${right}}}`
}

const infix: Readonly<Record<string, string>> = {
  eq: '==',
  ne: '!=',
  lt: '<',
  le: '<=',
  gt: '>',
  ge: '>=',
  and: 'and',
  or: 'or',
  print: '~',
}
const filterNames: Readonly<Record<string, string>> = {
  len: 'length',
  html: 'escape',
  urlquery: 'urlencode',
  upper: 'upper',
  toUpper: 'upper',
  lower: 'lower',
  toLower: 'lower',
  title: 'title',
  trim: 'trim',
  trimSpace: 'trim',
  join: 'join',
  default: 'default',
  toJson: 'json',
  js: 'json',
  date: 'date',
}

function pipeline(text: string, inLoop: boolean): string | undefined {
  const [first = [], ...stages] = split(tokens(text), '|')
  let value = command(first, inLoop)
  for (const stage of stages) {
    const [name = '', ...args] = stage
    const filter = Object.hasOwn(filterNames, name) ? filterNames[name] : undefined
    if (filter === undefined || value === undefined) return undefined
    const given = args.map((arg) => operand(arg, inLoop))
    value = `${value} | ${filter}${given.length > 0 ? `(${given.join(', ')})` : ''}`
  }
  return value
}

/** Names, texts, numbers, and what is in parentheses as one. */
function tokens(text: string): readonly string[] {
  const found: string[] = []
  for (let at = 0; at < text.length; ) {
    const match = /^(?:\s+|"(?:[^"\\]|\\.)*"|`[^`]*`|[^\s"`()|]+|\|)/.exec(text.slice(at))
    let end = at + (match?.[0].length ?? 1)
    if (text[at] === '(') {
      for (let depth = 0; end <= text.length; end++) {
        const character = text[end - 1]
        if (character === '(') depth++
        if (character === ')' && --depth === 0) break
      }
    }
    const token = text.slice(at, end).trim()
    if (token !== '') found.push(token)
    at = end
  }
  return found
}

function split(all: readonly string[], separator: string): string[][] {
  const parts: string[][] = [[]]
  for (const each of all) {
    if (each === separator) parts.push([])
    else parts.at(-1)?.push(each)
  }
  return parts
}

function command(words: readonly string[], inLoop: boolean): string | undefined {
  const [name = '', ...rest] = words
  if (rest.length === 0) return operand(name, inLoop)
  const args = rest.map((word) => operand(word, inLoop))
  if (args.includes(undefined)) return undefined
  const operator = Object.hasOwn(infix, name) ? infix[name] : undefined
  if (operator !== undefined) return args.join(` ${operator} `)
  if (name === 'not') return `not ${args[0]}`
  if (name === 'index')
    return `${args[0]}${args
      .slice(1)
      .map((arg) => `[${arg}]`)
      .join('')}`
  if (name === 'printf') return printed(rest[0] ?? '', args.slice(1))
  const filter = Object.hasOwn(filterNames, name) ? filterNames[name] : undefined
  if (filter === undefined) return undefined
  return `${args.at(-1)} | ${filter}${args.length > 1 ? `(${args.slice(0, -1).join(', ')})` : ''}`
}

/** `"%d of %d"` and two values: `a ~ " of " ~ b`. */
function printed(format: string, args: readonly (string | undefined)[]): string {
  const texts = format.slice(1, -1).split(/%[-+#0-9.]*[a-zA-Z]/)
  return texts
    .flatMap((text, index) => [
      ...(text === '' ? [] : [`"${text}"`]),
      ...(index < texts.length - 1 ? [args[index]] : []),
    ])
    .filter((part) => part !== undefined)
    .join(' ~ ')
}

const fields: Readonly<Record<string, string>> = {
  Payload: 'payload',
  Title: 'title',
  Body: 'body',
  Link: 'link',
  Event: 'event',
  EventType: 'event.type',
  Channel: 'channel',
  User: 'user',
}

function operand(word: string, inLoop: boolean): string | undefined {
  if (/^["`]/.test(word)) return `"${word.slice(1, -1)}"`
  if (/^(?:-?\d+(?:\.\d+)?|true|false|\w+)$/.test(word)) return word === 'nil' ? 'none' : word
  if (word.startsWith('(')) {
    const inner = pipeline(word.slice(1, -1), inLoop)
    return inner === undefined ? undefined : `(${inner})`
  }
  if (word === '.') return inLoop ? 'item' : 'payload'
  const [, variable, path = ''] = /^(\$\w*)?((?:\.\w+)*)$/.exec(word) ?? []
  if (variable === undefined && path === '') return undefined
  if (variable !== undefined && variable !== '$') return `${variable.slice(1)}${path}`
  const [, field = '', below = ''] = /^\.(\w+)(.*)$/.exec(path) ?? []
  if (field === '') return 'payload'
  const known = Object.hasOwn(fields, field) ? fields[field] : undefined
  if (known !== undefined && (variable === '$' || !inLoop || field === 'Payload')) return `${known}${below}`
  return `${inLoop && variable === undefined ? 'item' : 'payload'}.${field}${below}`
}
