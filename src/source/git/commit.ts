// What a commit or an annotated tag says, from the object as Git keeps it.

import type { Commit, Person } from '../source.js'

const longestText = 1_000
const mostTrailers = 50

/** Throws an Error when the object is none. */
export function parseCommit(id: string, bytes: Uint8Array): Commit {
  const { headers, message } = split(bytes)
  const author = signatureOf(headers.get('author'))
  const committer = signatureOf(headers.get('committer'))
  const [subject = ''] = message.trimStart().split('\n')
  const trailers = trailersOf(message)
  return {
    id,
    author: author.person,
    date: committer.date,
    subject: subject.trim().slice(0, longestText),
    ...(trailers.length === 0 ? {} : { trailers }),
  }
}

/** The name of the object that an annotated tag is for, and its type. */
export function parseTag(bytes: Uint8Array): { readonly object: string; readonly type: string } {
  const { headers } = split(bytes)
  return { object: headers.get('object') ?? '', type: headers.get('type') ?? '' }
}

function split(bytes: Uint8Array): { headers: Map<string, string>; message: string } {
  const text = decoded(bytes)
  const end = text.indexOf('\n\n')
  const headers = new Map<string, string>()
  for (const line of text.slice(0, end === -1 ? text.length : end).split('\n')) {
    const space = line.indexOf(' ')
    // Lines that begin with a space go on from the one before: signatures, of which nothing is needed here.
    if (space > 0 && !headers.has(line.slice(0, space))) headers.set(line.slice(0, space), line.slice(space + 1))
  }
  return { headers, message: end === -1 ? '' : text.slice(end + 2) }
}

function decoded(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('utf8')
  if (!text.includes('\uFFFD')) return text
  const encoding = /^encoding (\S+)$/m.exec(text.slice(0, text.indexOf('\n\n')))?.[1] ?? 'latin1'
  try {
    return new TextDecoder(encoding).decode(bytes)
  } catch {
    return text
  }
}

/** `Ann <ann@example.com> 1700000000 +0100` */
function signatureOf(line = ''): { person: Person; date: string } {
  const [, name = '', email = '', seconds = '0'] = /^([^<]*)<([^>]*)>(?: (\d{1,12}))?/.exec(line) ?? []
  const person = { name: name.trim().slice(0, longestText), email: email.trim().slice(0, longestText) }
  return { person, date: new Date(Math.min(Number(seconds), 253_402_300_799) * 1_000).toISOString() }
}

/** The last paragraph, when it is not the first and holds nothing else: git-interpret-trailers(1), without its guesses. */
function trailersOf(message: string): { key: string; value: string }[] {
  const paragraphs = message.trim().split(/\n[ \t]*\n/)
  if (paragraphs.length < 2) return []
  const trailers: { key: string; value: string }[] = []
  for (const line of (paragraphs.at(-1) ?? '').split('\n')) {
    const [, key, value = ''] = /^([A-Za-z0-9][A-Za-z0-9-]*)[ \t]*:[ \t]*(.*)$/.exec(line) ?? []
    const last = trailers.at(-1)
    if (key !== undefined) trailers.push({ key, value: value.trim().slice(0, longestText) })
    else if (/^[ \t]/.test(line) && last !== undefined) {
      last.value = `${last.value} ${line.trim()}`.slice(0, longestText)
    } else if (!line.startsWith('(cherry picked from commit ')) return []
  }
  return trailers.slice(0, mostTrailers)
}
