import { describe, expect, it } from 'vitest'
import { quotaPresets } from '../../../src/resources/kinds/quota-presets.js'
import { Loader } from '../../../src/resources/load.js'
import { mockYaml, snapshotOf } from '../snapshot.js'
import { declared, documents, loadAll, slack } from './declared.js'

const discord = { type: 'discord', config: { webhookUrl: { env: 'DISCORD' } } }
const teams = { type: 'teams', config: { webhookUrl: { env: 'TEAMS' } } }
const webhook = { type: 'webhook', config: { url: 'https://example.com/hook' } }
const email = { type: 'email', config: { to: 'ops@example.com' } }

const namespace = (quota: object) => declared('Namespace', 'shop', { quota })

async function said(...texts: readonly string[]) {
  const { problems } = await loadAll({ 'a.yaml': documents(...texts) })
  return problems
    .filter(({ severity }) => severity === 'error')
    .map(({ rule, line, pointer, message, hint }) => `${rule} ${line} ${pointer}: ${message}; ${hint}`)
}

describe('a quota on what a namespace has', () => {
  it('is an error where it is declared, which names the first that is too much', async () => {
    const found = await said(
      namespace({ channels: { slack: 1 }, mocks: 0 }),
      declared('Channel', 'shop/one', slack),
      declared('Channel', 'other/elsewhere', slack),
      declared('Channel', 'everywhere', slack),
      declared('Channel', 'shop/two', slack),
      declared('Channel', 'shop/three', slack),
      mockYaml('order', '', 'shop'),
    )
    expect(found).toEqual([
      expect.stringMatching(
        /^quota-exceeded \d+ \/spec\/quota\/channels\/slack: the quota of namespace shop for channels of type slack is 1, and it has 3; the first beyond it is Channel "shop\/two" \(a\.yaml:\d+\); remove/,
      ),
      expect.stringMatching(
        /^quota-exceeded \d+ \/spec\/quota\/mocks: .* for mocks is 0, and it has 1; .* Mock "shop\/order" \(a\.yaml:\d+\)/,
      ),
    ])
  })

  it.each([
    ['free', [email], true],
    ['free', [slack], false],
    ['free', [webhook], false],
    ['starter', [email, slack, webhook], true],
    ['starter', [slack, discord], false],
    ['starter', [webhook, webhook], false],
    ['pro', [slack, discord, teams, webhook, webhook, webhook], true],
    ['pro', [slack, slack], false],
    ['pro', [webhook, webhook, webhook, webhook], false],
    ['business', [slack, slack, webhook, webhook, webhook, webhook], true],
    ['enterprise', [teams, teams, discord, discord], true],
  ] as const)('the preset %s mirrors the table of plans: %j', async (preset, channels, isAllowed) => {
    const all = channels.map((spec, index) => declared('Channel', `shop/c${index}`, spec))
    const found = await said(namespace({ preset }), ...all)
    expect([found.length === 0, found.every((one) => one.includes('/spec/quota/preset'))]).toEqual([isAllowed, true])
  })

  it('declared beside a preset wins for its types', async () => {
    const two = [declared('Channel', 'shop/a', slack), declared('Channel', 'shop/b', slack)]
    expect(await said(namespace({ preset: 'starter', channels: { slack: 2 } }), ...two)).toEqual([])
    expect(await said(namespace({ preset: 'pro', channels: { slack: 'unlimited' } }), ...two)).toEqual([])
    expect(await said(namespace({ preset: 'business', channels: { 'slack+discord': 1 } }), ...two)).toHaveLength(1)
  })

  it('of types and events that there are not is an error', async () => {
    expect(await said(namespace({ channels: { 'slack+discrod': 1 } }))).toEqual([
      expect.stringContaining('there is no type of channel "discrod"; did you mean "discord"?'),
    ])
    expect(await said(namespace({ events: { run_complete: { limit: 10 } } }))).toEqual([
      expect.stringContaining('there is no event type "run_complete"; did you mean "run_completed"?'),
    ])
    expect(await said(namespace({ preset: 'gold' }))).toHaveLength(1)
    expect(await said(namespace({ events: { run_completed: { limit: 0 } } }))).toHaveLength(1)
  })

  it('is looked at again when something comes or goes, in whichever order', async () => {
    const loader = new Loader({ defaultNamespace: 'sandbox' })
    const files = (...names: readonly string[]) => ({
      'ns.yaml': namespace({ mocks: 1, channels: { slack: 1 } }),
      ...Object.fromEntries(names.map((name) => [`${name}.yaml`, mockYaml(name, '', 'shop')])),
    })
    const rules = async (contents: Readonly<Record<string, string>>) =>
      (await loader.load(snapshotOf(contents))).problems.map(
        ({ file, message }) => `${file} ${/has \d+/.exec(message)?.[0]}`,
      )
    expect(await rules(files('a'))).toEqual([])
    expect(await rules(files('a', 'b'))).toEqual(['ns.yaml has 2'])
    expect(await rules(files('a', 'b', 'c'))).toEqual(['ns.yaml has 3'])
    expect(await rules(files('b'))).toEqual([])
    expect(await rules({ ...files('b'), 'c.yaml': declared('Channel', 'shop/c', slack) })).toEqual([])
    const both = documents(declared('Channel', 'shop/c', slack), declared('Channel', 'shop/d', slack))
    expect(await rules({ ...files('b'), 'c.yaml': both })).toEqual(['ns.yaml has 2'])
  })

  it('has presets for each plan', () => {
    expect(Object.keys(quotaPresets)).toEqual(['free', 'starter', 'pro', 'business', 'enterprise'])
  })
})
