import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { formats } from '../../src/resources/formats/index.js'
import type { Report } from '../../src/resources/formats/report.js'
import { Loader } from '../../src/resources/load.js'
import { mockYaml, snapshotOf } from './snapshot.js'

/** UPDATE_GOLDEN=1 writes what comes out now, to be reviewed as a diff. */
const update = process.env.UPDATE_GOLDEN === '1'

const files: Readonly<Record<string, string>> = {
  'mocks/pay, now: 100%.yaml': mockYaml('a').replace('httpMethod: GET', 'httpMetod: "<GET> & \u001b[31m |`x`|"'),
  'mocks/b.yaml': mockYaml('b', '  useCounter: 3\n'),
  'mocks/c.yaml': mockYaml('c').replace('200', '999'),
  'mocks/broken.json': '{"apiVersion": "callboard/v1",\n  "kind": }',
  'mocks/long.yaml': mockYaml('long').replace(
    'ok: true',
    `{a: "${'x'.repeat(300)}", b: !tag 1, c: "${'y'.repeat(300)}"}`,
  ),
}

async function report(contents: Readonly<Record<string, string>>): Promise<Report> {
  const { problems, counts } = await new Loader({ defaultNamespace: 'sandbox' }).load(snapshotOf(contents))
  return { problems, counts, read: (file) => contents[file], prefix: '', colour: false, version: '0.0.0' }
}

describe('formats', () => {
  for (const format of formats.values()) {
    for (const [name, contents] of [
      ['problems', files],
      ['clean', { 'a.yaml': mockYaml('a') }],
    ] as const) {
      it(`${format.name}: ${name} as in the golden file`, async () => {
        const text = format.render(await report(contents))
        const golden = new URL(`../fixtures/resources/formats/${name}.${format.name}.golden.txt`, import.meta.url)
        if (update || !existsSync(golden)) {
          if (!update) throw new Error(`${golden.pathname} is missing: run with UPDATE_GOLDEN=1`)
          writeFileSync(golden, text)
        }
        expect(text).toBe(readFileSync(golden, 'utf8'))
      })
    }
  }

  it('no format lets a control character of a file through', async () => {
    const made = await report(files)
    for (const { name, render } of formats.values()) {
      if (name !== 'github') expect(render(made), name).not.toContain('\u001b')
    }
  })

  it('text has colours only when asked for', async () => {
    const made = await report(files)
    const render = formats.get('text')?.render
    expect(render?.({ ...made, colour: true })).toContain('\u001b[31merror\u001b[0m')
  })

  it('json can be read back to the problems', async () => {
    const made = await report(files)
    expect(JSON.parse(formats.get('json')?.render(made) ?? '').problems).toEqual(made.problems)
  })

  it('sarif has a rule for each result, and positions that begin with 1', async () => {
    const made = await report(files)
    const [run] = JSON.parse(formats.get('sarif')?.render({ ...made, prefix: 'config/' }) ?? '').runs
    for (const result of run.results) {
      expect(run.tool.driver.rules[result.ruleIndex].id).toBe(result.ruleId)
      const { region, artifactLocation } = result.locations[0].physicalLocation
      expect(artifactLocation.uri).toMatch(/^config\/mocks\/[^ ]+$/)
      for (const key of ['startLine', 'startColumn', 'endLine', 'endColumn']) expect(region[key]).toBeGreaterThan(0)
    }
  })

  it('a mark in a long line stays below what it marks', async () => {
    const text = formats.get('text')?.render(await report({ 'long.yaml': files['mocks/long.yaml'] ?? '' })) ?? ''
    const [, source = '', caret = ''] = text.split('\n')
    expect(source.length).toBeLessThan(140)
    const at = caret.indexOf('^')
    expect(source.slice(at, at + caret.trim().split('^').length - 1)).toContain('1')
  })

  it('markdown stays below the size of a comment', async () => {
    const made = await report(files)
    const [problem] = made.problems
    if (problem === undefined) throw new Error('no problem')
    const text = formats.get('markdown')?.render({ ...made, problems: Array(5_000).fill(problem) }) ?? ''
    expect(text.length).toBeLessThan(65_536)
    expect(text).toMatch(/\d+ more are not shown/)
  })
})
