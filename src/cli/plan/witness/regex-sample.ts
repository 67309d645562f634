// A text that a regular expression accepts. Knows what people write in declarations; whoever asks holds the text against
// the expression, so that what is read wrongly here is a text that is not used.

/** Undefined for what is not understood: look-around and back references are no RE2, flags and classes of Unicode are rare. */
export function regexSample(source: string): string | undefined {
  const reader = new PatternReader(source)
  try {
    const text = reader.alternatives()
    return reader.isDone ? text : undefined
  } catch (error) {
    if (error instanceof NotUnderstood) return undefined
    throw error
  }
}

class NotUnderstood extends Error {}

/** One character of each, in the order in which they are tried. */
const classes: Readonly<Record<string, string>> = { d: '1', w: 'a', s: ' ', D: 'a', W: '-', S: 'a' }
const controls: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f', v: '\v' }
/** What a negated class or a dot may stand for. */
const usual = 'a1A-_ .:/#'
const mostRepeats = 1_000

class PatternReader {
  readonly #source: string
  #at = 0

  constructor(source: string) {
    this.#source = source
  }

  get isDone(): boolean {
    return this.#at >= this.#source.length
  }

  /** The first of the alternatives; the others are read past. */
  alternatives(): string {
    const first = this.#sequence()
    while (this.#takes('|')) this.#sequence()
    return first
  }

  #sequence(): string {
    let text = ''
    while (!this.isDone && !'|)'.includes(this.#peek())) text += this.#repeated(this.#atom())
    return text
  }

  #atom(): string {
    const char = this.#next()
    if (char === '^' || char === '$') return ''
    if (char === '.') return 'a'
    if (char === '[') return this.#class()
    if (char === '(') return this.#group()
    if (char === '\\') return this.#escape()
    if ('*+?'.includes(char)) throw new NotUnderstood()
    return char
  }

  #group(): string {
    if (this.#takes('?')) {
      const head = /^(?::|P?<\w+>)/.exec(this.#source.slice(this.#at))?.[0]
      if (head === undefined) throw new NotUnderstood()
      this.#at += head.length
    }
    const text = this.alternatives()
    if (!this.#takes(')')) throw new NotUnderstood()
    return text
  }

  #escape(): string {
    const char = this.#next()
    if ('bBAzZ'.includes(char)) return ''
    const known = classes[char] ?? controls[char]
    if (known !== undefined) return known
    if (/[A-Za-z0-9]/.test(char)) throw new NotUnderstood()
    return char
  }

  #class(): string {
    const isNegated = this.#takes('^')
    const ranges: [from: string, to: string][] = []
    let first: string | undefined
    for (let isFirst = true; ; isFirst = false) {
      const char = this.#next()
      if (char === ']' && !isFirst) break
      if (char === '[' && this.#peek() === ':') throw new NotUnderstood()
      const from = char === '\\' ? this.#escape() : char
      let to = from
      if (this.#peek() === '-' && this.#source[this.#at + 1] !== ']') {
        this.#at += 1
        const end = this.#next()
        to = end === '\\' ? this.#escape() : end
      }
      ranges.push([from, to])
      first ??= from
    }
    if (!isNegated) return first ?? ''
    const other = [...usual].find((one) => !ranges.some(([from, to]) => one >= from && one <= to))
    if (other === undefined) throw new NotUnderstood()
    return other
  }

  /** As few of it as will do, but one where none would. */
  #repeated(text: string): string {
    let times = 1
    if (this.#takes('?') || this.#takes('*') || this.#takes('+')) times = 1
    else {
      const count = /^\{(\d+)(?:,\d*)?\}/.exec(this.#source.slice(this.#at))
      if (count === null) return text
      this.#at += count[0].length
      times = Number(count[1])
      if (times > mostRepeats) throw new NotUnderstood()
    }
    this.#takes('?')
    return text.repeat(times)
  }

  #peek(): string {
    return this.#source[this.#at] ?? ''
  }

  #next(): string {
    const char = this.#source[this.#at]
    if (char === undefined) throw new NotUnderstood()
    this.#at += 1
    return char
  }

  #takes(char: string): boolean {
    if (this.#source[this.#at] !== char) return false
    this.#at += 1
    return true
  }
}
