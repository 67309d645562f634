import { expect, it } from 'vitest'
import { route } from '../../src/dispatcher/routing.js'
import { buildTables } from '../../src/dispatcher/tables.js'
import { Loader } from '../../src/resources/load.js'
import { declared, mattermost, slack } from '../resources/kinds/declared.js'
import { mockYaml, snapshotOf } from '../resources/snapshot.js'
import { everyCatalogue, noon, occurrence, short } from './routing-world.js'

const options = { catalogues: everyCatalogue, customersEnabled: false }
const files = {
  'channel.yaml': declared('Channel', 'ops', mattermost),
  'silence.yaml': declared('Silence', 's', { match: { event: 'quota.*' }, until: '2026-03-11T00:00:00Z' }),
  'user.yaml': declared('User', 'ann', { email: 'ann@example.com' }),
  'mock.yaml': mockYaml('one'),
}

it('stay the same as long as nothing changes that says who hears what', async () => {
  const loader = new Loader({ defaultNamespace: 'sandbox' })
  const load = async (more: Readonly<Record<string, string>>) =>
    (await loader.load(snapshotOf({ ...files, ...more }))).resources
  const first = buildTables(await load({}), options)
  const withMock = await load({ 'other.yaml': mockYaml('two') })
  expect(buildTables(withMock, options, first)).toBe(first)
  expect(buildTables(withMock, { ...options, customersEnabled: true }, first)).not.toBe(first)
  expect(buildTables(withMock, { ...options, catalogues: ['mockarty'] }, first)).not.toBe(first)
  const withBinding = await load({ 'preference.yaml': declared('Preference', 'p', { minSeverity: 'error' }) })
  const second = buildTables(withBinding, options, first)
  expect(second).not.toBe(first)
  expect(buildTables(withBinding, options, second)).toBe(second)
  expect(buildTables(await load({}), options, second)).not.toBe(second)
})

it('follow a declaration that moves within its file, because answers name its line', async () => {
  const loader = new Loader({ defaultNamespace: 'sandbox' })
  const event = occurrence({ type: 'quota.warning' })
  const first = buildTables((await loader.load(snapshotOf(files))).resources, options)
  const moved = { ...files, 'silence.yaml': `# why\n${files['silence.yaml']}` }
  const second = buildTables((await loader.load(snapshotOf(moved))).resources, options, first)
  expect(route(event, first, noon)[0]?.because).toMatch(/silence.yaml:1/)
  expect(route(event, second, noon)[0]?.because).toMatch(/silence.yaml:2/)
})

it('leave out what refers to nothing: a revision may be served without what is no longer valid', async () => {
  const texts = {
    ...files,
    'people.yaml': declared('Channel', 'people', slack),
    'b1.yaml': declared('UserBinding', 'nobody', { user: 'eve', channel: 'people' }),
    'b2.yaml': declared('UserBinding', 'nowhere', { user: 'ann', channel: 'gone' }),
    'p1.yaml': declared('Preference', 'nowhere', { user: 'ann', channel: 'gone', minSeverity: 'critical' }),
    'p2.yaml': declared('Preference', 'nobody', { user: 'eve', channel: 'people', minSeverity: 'critical' }),
  }
  const { resources, problems } = await new Loader({ defaultNamespace: 'sandbox' }).load(snapshotOf(texts))
  expect(problems).not.toEqual([])
  const tables = buildTables(resources, options)
  expect(short(route(occurrence({ type: 'deploy.failure' }), tables, noon))).toEqual([
    'ops: send',
    'people: suppress no_binding',
  ])
})
