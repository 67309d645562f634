import { afterEach, beforeEach, expect, it } from 'vitest'
import { banner } from '../../src/cli/banner.js'
import { loadSettings } from '../../src/settings.js'
import { operateToken, startController } from './controller.js'
import { type Files, Folder, mock } from './repository.js'
import { runCommand } from './run-command.js'

let folder: Folder
beforeEach(() => {
  folder = new Folder()
})
afterEach(() => folder.remove())

async function shown(files: Files): Promise<{ text: string; answers: [number, string][] }> {
  folder.write(files)
  const controller = await startController(folder.path)
  try {
    const text = await banner(controller, loadSettings({ env: {} }))
    const answers: [number, string][] = []
    for (const [, url = '', expected = ''] of text.matchAll(/curl -i (\S+)\n {4}→ (\d+)/g)) {
      answers.push([(await fetch(url)).status, expected])
    }
    return { text, answers }
  } finally {
    await controller.close()
  }
}

it('shows two commands that do what it says', async () => {
  const { text, answers } = await shown({ 'a.yaml': mock('a', { status: 202 }) })
  expect(answers).toEqual([
    [202, '202'],
    [404, '404'],
  ])
  expect(text).toContain('1 mock in 1 namespace')
})

it('shows a mock that really answers, not one that another stands before', async () => {
  const { text, answers } = await shown({
    'a.yaml': mock('a').replace('/a\n', '/same\n'),
    'b.yaml': mock('b', { status: 201, spec: '  priority: 5\n' }).replace('/b\n', '/same\n'),
  })
  expect(text).toContain('from b.yaml:1')
  expect(answers[0]).toEqual([201, '201'])
})

it('promises no 404 where a mock answers for everything', async () => {
  const { answers } = await shown({ 'a.yaml': mock('a').replace('/a\n', '/*\n') })
  expect(answers).toEqual([[200, '200']])
})

it('promises no edit to go live while applying is suspended', async () => {
  folder.write({ 'a.yaml': mock('a') })
  const controller = await startController(folder.path)
  try {
    const env = { CALLBOARD_CONTROL_URL: controller.addresses.control, CALLBOARD_TOKEN: operateToken }
    expect((await runCommand(['suspend'], { env })).code).toBe(0)
    const text = await banner(controller, loadSettings({ env: {} }))
    expect(text).toContain('Applying is suspended: nothing changes until `callboard resume`.')
    expect(text).not.toContain('live a moment later')
  } finally {
    await controller.close()
  }
})

it('shows what is wrong, and promises nothing', async () => {
  const { text, answers } = await shown({ 'a.yaml': mock('a', { status: 99 }) })
  expect(text).toContain('a.yaml:11:17  spec.response.statusCode must be at least 200, not 99')
  expect(text).toContain('Nothing is applied yet')
  expect(answers).toEqual([])
})
