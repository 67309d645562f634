// What the README shows of notifications can be taken as it stands there.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { everyCatalogue } from './dispatcher/routing-world.js'
import { loadAll } from './resources/kinds/declared.js'

const readme = readFileSync('README.md', 'utf8')

/** The first block of YAML below a heading. */
function shownUnder(heading: string): string {
  const at = readme.indexOf(`\n${heading}\n`)
  const block = at < 0 ? undefined : /```yaml\n([\s\S]*?)```/.exec(readme.slice(at))?.[1]
  if (block === undefined) throw new Error(`the README shows nothing under ${heading}`)
  return block
}

describe('the README', () => {
  it('shows channels, people, grouping and digests that fit together', async () => {
    const headings = ['## Notifications', '### Not flooding people', '### Digests and silence']
    const files = Object.fromEntries(headings.map((heading, index) => [`${index}.yaml`, shownUnder(heading)]))
    const { resources, problems } = await loadAll(files, { catalogues: everyCatalogue })
    expect(problems).toEqual([])
    const kinds = [...resources.values()].map(({ kind }) => kind)
    expect(new Set(kinds)).toEqual(new Set(['Channel', 'User', 'UserBinding', 'Preference', 'Digest']))
  })
})
