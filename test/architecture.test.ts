import { readdirSync, readFileSync } from 'node:fs'
import { join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'

// Which folder may know which. What stands alone in src/ (main, settings, log) joins the folders.
const mayImport: Readonly<Record<string, readonly string[]>> = {
  source: [],
  expression: [],
  network: [],
  template: ['expression/json', 'expression/suggest'],
  store: ['expression/json'],
  resources: ['expression', 'template', 'source/source'],
  resolver: ['resources', 'expression', 'network', 'store'],
  delivery: ['store', 'expression/json'],
  callbacks: [
    'expression',
    'network',
    'delivery',
    'store',
    'resources',
    'resolver/callback-port',
    'reconcile/change-port',
    'reconcile/plan',
  ],
  dispatcher: [
    'resources',
    'delivery',
    'network',
    'store',
    'template',
    'expression/json',
    'expression/suggest',
    'expression/matchers/json-schema',
  ],
  forge: ['delivery', 'network', 'store', 'expression/json', 'reconcile/history'],
  reconcile: ['source', 'resources', 'store', 'expression/json'],
  status: ['store', 'expression/json'],
  mcp: ['resources/channel-types'],
}

const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
  .map((file) => file.replaceAll('\\', '/').replace(/\.ts$/, ''))

interface Import {
  readonly to: string
  readonly typeOnly: boolean
}

function importsOf(file: string): Import[] {
  const text = readFileSync(`src/${file}.ts`, 'utf8')
  const found = text.matchAll(/^(?:import|export)\s+(type\s)?(?:[^;'"]*?\sfrom\s+)?'(\.[^']+)'/gm)
  return [...found].map(([, type, path = '']) => ({
    to: normalize(join(file, '..', path)).replace(/\.(js|json)$/, ''),
    typeOnly: type !== undefined,
  }))
}

describe('the structure of src', () => {
  it('is read by this test at all', () => {
    expect(files.length).toBeGreaterThan(50)
    expect(files.flatMap(importsOf).length).toBeGreaterThan(files.length)
  })

  for (const [folder, allowed] of Object.entries(mayImport)) {
    it(`src/${folder} imports only ${['itself', ...allowed].join(', ')}`, () => {
      const wrong = files
        .filter((file) => file.startsWith(`${folder}/`))
        .flatMap((file) => importsOf(file).map(({ to }) => ({ file, to })))
        .filter(({ to }) => ![folder, ...allowed].some((place) => to === place || to.startsWith(`${place}/`)))
      expect(wrong).toEqual([])
    })
  }

  it('lists every folder', () => {
    const folders = new Set(files.filter((file) => file.includes('/')).map((file) => file.split('/')[0]))
    expect([...folders].filter((folder) => folder !== 'cli').sort()).toEqual(Object.keys(mayImport).sort())
  })

  it('has no cycles', () => {
    const graph = new Map(files.map((file) => [file, importsOf(file).map(({ to }) => to)]))
    const done = new Set<string>()
    const path: string[] = []
    const visit = (file: string): void => {
      if (done.has(file)) return
      const start = path.indexOf(file)
      if (start !== -1) throw new Error(`cycle: ${[...path.slice(start), file].join(' → ')}`)
      path.push(file)
      for (const to of graph.get(file) ?? []) visit(to)
      path.pop()
      done.add(file)
    }
    for (const file of files) visit(file)
  })
})
