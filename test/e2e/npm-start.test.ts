import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { ask } from './ask.js'
import { curlsIn, parseCurl } from './curl.js'
import { eventually } from './eventually.js'
import { Folder } from './folder.js'
import { Program } from './process.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

it('the commands that npm start prints get the answers that it promises', async () => {
  const { base } = new Folder()
  const readyFile = join(base, 'ready.json')
  const ports = ['--resolver-port', '0', '--control-port', '0']
  // By way of the script, though not by npm, which would leave a process of its own to be killed.
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: { start: string } }
  const [command = '', ...words] = scripts.start.split(' ')
  const running = new Program(
    command,
    [...words, ...ports, '--state-dir', join(base, 'state'), '--ready-file', readyFile],
    {
      cwd: root,
    },
  )
  await eventually('it is ready', () => running.stdout.includes('Try:') && running.stdout.endsWith('\n\n'), {
    found: () => running.stderr,
  })
  const { stdout } = running
  const commands = curlsIn(stdout)
  const promises = [...stdout.matchAll(/→ (\d{3}), (.*)/g)]
  expect(commands).toHaveLength(2)
  expect(promises).toHaveLength(2)
  for (const [index, line] of commands.entries()) {
    const { url, ...options } = parseCurl(line)
    const { status, headers, json } = await ask(url, options)
    const [, promised, rest = ''] = promises[index] ?? []
    expect(String(status), line).toBe(promised)
    const place = /from (\S+):(\d+)$/.exec(rest)
    if (place !== null) {
      const [, file, line] = place
      const control = /http:\S+(?= {3}what is applied)/.exec(stdout)?.[0] ?? ''
      const [namespace, name] = String(headers['callboard-mock']).split('/')
      const resource = await ask(`${control}/api/v1/resources/Mock/${namespace}/${name}`)
      expect(resource.json).toMatchObject({ file, line: Number(line) })
    } else {
      const { nearMisses } = json as { nearMisses: { differs: string[] }[] }
      expect(nearMisses[0]?.differs.length).toBeGreaterThan(0)
    }
  }
  expect(await running.kill('SIGTERM')).toEqual({ code: 0, signal: null })
})
