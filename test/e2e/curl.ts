// The curl commands that comments and banners show, so that a test sends just what a reader would.

import type { AskOptions } from './ask.js'

export interface Curl extends AskOptions {
  readonly url: string
}

/** Every line that is a curl command, after a comment sign or a `for` loop's head. */
export function curlsIn(text: string): string[] {
  return [...text.matchAll(/^[#\s]*(?:for [^;]*; do )?(curl .*?)(?:; (?:echo; )?done)?$/gm)].map(
    ([, line = '']) => line,
  )
}

/** Throws for an option it does not know, so that no example is half understood. */
export function parseCurl(line: string): Curl {
  const [program, ...words] = wordsOf(line)
  if (program !== 'curl') throw new Error(`no curl command: ${line}`)
  const headers: Record<string, string> = {}
  let url: string | undefined
  let method: string | undefined
  let body: string | undefined
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const value = () => words.shift() ?? ''
    if (word === '-H') {
      const [, name = '', text = ''] = /^([^:]+):\s*(.*)$/.exec(value()) ?? []
      headers[name] = text
    } else if (word === '-d') body = value()
    else if (word === '-X') method = value()
    else if (word === '-o' || word === '-w') value()
    else if (!/^-[si]+$/.test(word)) {
      if (word.startsWith('-') || url !== undefined) throw new Error(`"${word}" is not understood: ${line}`)
      url = /^https?:/.test(word) ? word : `http://${word}`
    }
  }
  if (url === undefined) throw new Error(`no URL: ${line}`)
  if (body !== undefined && headers['content-type'] === undefined) {
    headers['content-type'] = 'application/x-www-form-urlencoded'
  }
  return {
    url,
    headers,
    ...(method === undefined ? {} : { method }),
    ...(body === undefined ? {} : { body }),
  }
}

function wordsOf(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare ?? '',
  )
}
