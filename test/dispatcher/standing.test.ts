import { expect, it } from 'vitest'
import { type Addressee, Standings } from '../../src/dispatcher/standing.js'
import { buildTables } from '../../src/dispatcher/tables.js'
import { Loader } from '../../src/resources/load.js'
import { declared, slack } from '../resources/kinds/declared.js'
import { snapshotOf } from '../resources/snapshot.js'
import { everyCatalogue } from './routing-world.js'

const files = {
  'channel.yaml': declared('Channel', 'people', slack),
  'ann.yaml': declared('User', 'ann', { email: 'ann@example.com' }),
  'first.yaml': declared('UserBinding', 'first', { user: 'ann', channel: 'people' }),
  'second.yaml': declared('UserBinding', 'second', { user: 'ann', channel: 'people', recipient: { userId: 'U2' } }),
}
const annByMail: Addressee = {
  channel: { namespace: '', name: 'people' },
  user: 'ann',
  binding: 'UserBinding/-/first',
  recipient: { email: 'ann@example.com' },
}
const annById: Addressee = { ...annByMail, binding: 'UserBinding/-/second', recipient: { userId: 'U2' } }

async function standings(changes: Readonly<Record<string, string | undefined>> = {}): Promise<Standings> {
  const texts = Object.entries({ ...files, ...changes }).filter(([, text]) => text !== undefined)
  const snapshot = snapshotOf(Object.fromEntries(texts) as Record<string, string>)
  const { resources } = await new Loader({ defaultNamespace: 'sandbox' }).load(snapshot)
  return new Standings(buildTables(resources, { catalogues: everyCatalogue, customersEnabled: false }))
}

it.each<[string, Readonly<Record<string, string | undefined>>, string, string]>([
  ['nothing has changed', {}, 'bound', 'bound'],
  ['one of two bindings is pruned', { 'first.yaml': undefined }, 'binding_pruned', 'bound'],
  [
    'both are pruned',
    { 'first.yaml': undefined, 'second.yaml': undefined, 'x.yaml': declared('Namespace', 'x', {}) },
    'binding_pruned',
    'binding_pruned',
  ],
  [
    'a binding is off',
    { 'first.yaml': declared('UserBinding', 'first', { user: 'ann', channel: 'people', enabled: false }) },
    'binding_disabled',
    'bound',
  ],
  [
    'a binding has another name',
    { 'first.yaml': declared('UserBinding', 'renamed', { user: 'ann', channel: 'people' }) },
    'bound',
    'bound',
  ],
  [
    'a binding has another address',
    {
      'second.yaml': declared('UserBinding', 'second', { user: 'ann', channel: 'people', recipient: { userId: 'U3' } }),
    },
    'bound',
    'bound',
  ],
  [
    'a binding is for somebody else now',
    {
      'bob.yaml': declared('User', 'bob', { email: 'bob@example.com' }),
      'first.yaml': declared('UserBinding', 'first', { user: 'bob', channel: 'people' }),
    },
    'binding_pruned',
    'bound',
  ],
  ['the person is gone', { 'ann.yaml': undefined }, 'user_pruned', 'user_pruned'],
])('when %s', async (_, changes, first, second) => {
  const all = await standings(changes)
  expect([all.of(annByMail), all.of(annById)]).toEqual([first, second])
})

it('goes by the address where it is not on record which binding it was', async () => {
  const all = await standings({ 'second.yaml': undefined })
  expect([all.of({ ...annByMail, binding: undefined }), all.of({ ...annById, binding: undefined })]).toEqual([
    'bound',
    'binding_pruned',
  ])
})

it('takes a learned address for that of the binding that names none', async () => {
  const telegram = { type: 'telegram', config: { botToken: { env: 'BOT' } } }
  const all = await standings({ 'channel.yaml': declared('Channel', 'people', telegram), 'second.yaml': undefined })
  expect(all.of({ ...annByMail, binding: 'UserBinding/-/earlier' })).toBe('bound')
})
