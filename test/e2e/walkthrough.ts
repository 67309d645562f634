// The commands of a document and what it says that they print, so that a test does just what a reader would.

export interface Step {
  readonly command: string
  /** What is printed: `…` is anything within a line, or any number of lines, and `<name>` a word to be used further on. */
  readonly expected: string
}

/** Every `$ command` in a block of code, with the lines below it up to the next. */
export function stepsIn(text: string): Step[] {
  const steps: Step[] = []
  for (const [, block = ''] of text.matchAll(/^```\n(.*?)^```$/gms)) {
    const [, ...parts] = `\n${block}`.split('\n$ ')
    for (const part of parts) {
      const [command = '', ...expected] = part.split('\n')
      steps.push({ command, expected: expected.join('\n').trim() })
    }
  }
  return steps
}

/** Words found at an earlier step in place of their names. */
export function filledIn(text: string, known: ReadonlyMap<string, string>): string {
  return text.replace(/<([a-z]+)>/g, (whole, name: string) => known.get(name) ?? whole)
}

/** Whether `printed` is as expected; new words are noted in `known`. How wide columns are does not matter. */
export function isAsExpected(printed: string, { expected }: Step, known: Map<string, string>): boolean {
  const names: string[] = []
  const lines = aligned(filledIn(expected, known)).split('\n')
  const pattern = lines
    .map((line) => {
      if (line === '…') return '(?:[^\\n]*\\n)*?'
      const parts = line.split(/(…|<[a-z]+>)/).map((part) => {
        if (part === '…') return '[^\\n]*?'
        const [, name] = /^<([a-z]+)>$/.exec(part) ?? []
        if (name === undefined) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
        names.push(name)
        return '(\\S+)'
      })
      return `${parts.join('')}\\n`
    })
    .join('')
  const found = new RegExp(`^${pattern}$`, 'u').exec(`${aligned(printed)}\n`)
  if (found === null) return false
  for (const [index, name] of names.entries()) known.set(name, found[index + 1] ?? '')
  return true
}

function aligned(text: string): string {
  return text
    .trim()
    .split('\n')
    .map((line) => line.trimEnd().replace(/ {2,}/g, '  '))
    .join('\n')
}

/** The words of a command line, without their quotes. */
export function wordsOf(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare ?? '',
  )
}
