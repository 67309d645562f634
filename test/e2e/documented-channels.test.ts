// What the documents that Callboard is made after promise of channels, as a person would set it up by reading them.

import { expect, it } from 'vitest'
import { receivers } from '../callbacks/receiver.js'
import { SlackFake } from '../dispatcher/channels/fakes/slack.js'
import { vendorAnswers } from '../mcp/agent.js'
import { eventually } from './eventually.js'
import { doc, NotifyingWorld } from './notifying.js'
import { Sink } from './sink.js'

const servers = receivers()

const project = { id: 'p-1', name: 'Acme Web', slug: 'acme-web' }
const run = (id: string, status: 'passed' | 'failed', failed: number) => ({
  project,
  run: {
    id,
    suite_name: 'Checkout flow',
    status,
    browser: 'chromium',
    passed: 14,
    failed,
    skipped: 1,
    duration_ms: 38_400,
    url: `https://ci.example.com/runs/${id}`,
  },
})

it('engineers hear of failed runs alone, QA of all runs and of new tests, a dashboard of everything', async () => {
  const sink = await Sink.start(vendorAnswers)
  const slack = (name: string) => ({ webhookUrl: `https://hooks.slack.com/services/T/B/${name}`, baseUrl: sink.url })
  const filter = (...wanted: readonly string[]) => ({
    '*': false,
    ...Object.fromEntries(wanted.map((id) => [id, true])),
  })
  const world = await NotifyingWorld.start(
    (url) => ({
      'engineers.yaml': doc('Channel', 'engineers', {
        type: 'slack',
        config: slack('engineers'),
        events: filter('run_failed'),
      }),
      'qa.yaml': doc('Channel', 'qa', {
        type: 'slack',
        config: slack('qa'),
        events: filter('run_completed', 'ai_generated'),
      }),
      'dashboard.yaml': doc('Channel', 'dashboard', {
        type: 'webhook',
        config: { url: `${url}/dashboard`, payload: 'aegisrunner' },
        events: { '*': true },
      }),
    }),
    sink,
    { catalogues: ['aegisrunner'] },
  )
  await world.accepted({ type: 'run_completed', payload: run('r-1', 'passed', 0) })
  await world.accepted({ type: 'run_failed', payload: run('r-2', 'failed', 2) })
  const generated = { project, generation: { id: 'g-1', tests: 7, url: 'https://ci.example.com/generations/g-1' } }
  await world.accepted({ type: 'ai_generated', payload: generated })
  const at = async (path: string, count: number) => (await sink.at(path, count)).map(({ text }) => text).sort()
  // Each is a delivery of its own, and they may overtake one another.
  const qa = await at('/services/T/B/qa', 3)
  const about = (words: string) => qa.find((text) => text.includes(words)) ?? ''
  // Counts, and a link to the run.
  expect(about('Checkout flow: passed')).toContain('14 passed, 0 failed, 1 skipped')
  expect(about('Checkout flow: passed')).toContain('https://ci.example.com/runs/r-1')
  expect(about('failed')).not.toBe('')
  expect(about('7 tests generated: Acme Web')).not.toBe('')
  const dashboard = (await at('/dashboard', 3)).map((text) => JSON.parse(text))
  expect(dashboard.map(({ event }) => event).sort()).toEqual(['ai_generated', 'run_completed', 'run_failed'])
  expect(dashboard.find(({ event }) => event === 'run_completed')).toMatchObject({ project, run: { passed: 14 } })
  expect(await at('/services/T/B/engineers', 1)).toEqual([expect.stringContaining('14 passed, 2 failed')])
  expect(await world.deliveries('channel=engineers&status=suppressed')).toMatchObject([
    { reason: 'channel_filter' },
    { reason: 'channel_filter' },
  ])
})

it('a channel that writes to people is tried out with a recipient, and says so without one', async () => {
  const slack = new SlackFake()
  slack.users.set('ann@example.com', 'U0ANN')
  const { url } = await servers.open(slack.answer)
  const world = await NotifyingWorld.start(
    () => ({ 'bot.yaml': doc('Channel', 'bot', { type: 'slack', config: { botToken: slack.token, baseUrl: url } }) }),
    undefined,
    { network: { allow: ['127.0.0.1'] } },
  )
  const path = '/api/v1/admin/channels/bot/test'
  const refused = await world.running.operate(path)
  expect([refused.status, refused.json]).toMatchObject([
    400,
    {
      parameter: 'recipient',
      detail: expect.stringContaining('bot writes to people; say to whom by recipient (email or userId)'),
    },
  ])
  const tested = await world.running.operate(path, { recipient: 'ann@example.com' })
  expect([tested.status, tested.json]).toMatchObject([200, { status: 'delivered' }])
  await eventually('Ann has it', () => slack.posted.length === 1)
  expect(slack.posted[0]).toMatchObject({ channel: 'DU0ANN', text: 'Test of bot' })
})
