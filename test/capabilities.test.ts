// Every capability of the documents that Callboard is made after has a test that shows it. A row of test/capabilities.yaml
// without one fails here, and so does one whose test was renamed or switched off.

import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { catalogues } from '../src/resources/catalogues/index.js'

interface Capability {
  readonly what: string
  readonly file: string
  readonly test: string
  /** A text that the test's source has, where one test shows many things. */
  readonly case?: string
}

interface Document {
  readonly document: string
  readonly title: string
  readonly sections: readonly { readonly section: string; readonly capabilities: readonly Capability[] }[]
}

const documents = parse(readFileSync('test/capabilities.yaml', 'utf8')) as readonly Document[]

const sources = new Map<string, string>()

function sourceOf(file: string): string {
  const known = sources.get(file) ?? (existsSync(file) ? readFileSync(file, 'utf8') : '')
  sources.set(file, known)
  return known
}

/** As it may stand in a source: with either quote, or between backticks. */
function spellings(title: string): readonly string[] {
  return [`'${title.replaceAll("'", "\\'")}'`, `"${title.replaceAll('"', '\\"')}"`, `\`${title}\``]
}

/** What is wrong with a row; undefined when its test is there and runs. */
function fault({ file, test, case: needed }: Capability): string | undefined {
  const source = sourceOf(file)
  if (!/^test\/.*\.test\.ts$/.test(file)) return 'its file is no test'
  if (source === '') return 'its file is not there'
  const [, before = ''] =
    new RegExp(`([\\w.]*|\\))\\(\\s*(?:${spellings(test).map(escaped).join('|')})`).exec(source) ?? []
  if (before === '') return 'its file has no test of that title'
  if (/\.(skip|todo)$/.test(before)) return 'its test is switched off'
  if (needed !== undefined && !source.includes(needed)) return `its file has nothing of ${JSON.stringify(needed)}`
  return undefined
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
}

describe('the documents that Callboard is made after', () => {
  it('are all in the table, none of them in a few words', () => {
    const counts = documents.map(({ document, sections }) => [
      document,
      sections.reduce((sum, { capabilities }) => sum + capabilities.length, 0),
    ])
    expect(counts.map(([document]) => document)).toEqual(['mockarty', 'ai-admin-panel', 'aegisrunner'])
    for (const [document, count] of counts) expect([document, Number(count) > 30]).toEqual([document, true])
  })

  it('have each of their events in the table', () => {
    for (const { document, sections } of documents) {
      const said = sections.flatMap(({ capabilities }) => capabilities.map(({ what }) => what.split(',')[0]))
      const ids = catalogues[document as keyof typeof catalogues].map(({ id }) => id)
      expect([document, ids.filter((id) => !said.includes(id))]).toEqual([document, []])
    }
  })

  for (const { document, title, sections } of documents) {
    for (const { section, capabilities } of sections) {
      it(`${title}: ${section}: each capability has its test`, () => {
        const faults = capabilities.map((one) => [one.what, fault(one)]).filter(([, wrong]) => wrong !== undefined)
        expect([document, faults]).toEqual([document, []])
        expect(new Set(capabilities.map(({ what }) => what)).size).toBe(capabilities.length)
      })
    }
  }

  it('a row without a test is noticed, so that these tests can fail', () => {
    const row = documents[0]?.sections[0]?.capabilities[0] as Capability
    expect(fault(row)).toBeUndefined()
    expect(fault({ ...row, test: 'nothing of the sort' })).toBe('its file has no test of that title')
    expect(fault({ ...row, file: 'test/nothing.test.ts' })).toBe('its file is not there')
    expect(fault({ ...row, case: 'nothing of the sort' })).toContain('has nothing of')
    expect(fault({ ...row, file: 'src/main.ts' })).toBe('its file is no test')
  })
})
