import { createServer } from 'node:net'
import { onTestFinished } from 'vitest'
import { ServiceProcess } from '../../services/service-process.js'
import type { Repository } from './repository.js'

/** Serves a repository by `git daemon` until the end of the test; resolves with its URL. */
export async function startDaemon({ root }: Repository): Promise<string> {
  const port = await freePort()
  const args = ['daemon', '--verbose', '--export-all', '--reuseaddr', '--listen=127.0.0.1', `--port=${port}`]
  const daemon = await ServiceProcess.start({
    name: 'git daemon',
    command: 'git',
    args: [...args, `--base-path=${root}`, root],
    ready: /Ready to rumble/,
  })
  onTestFinished(() => daemon.kill())
  return `git://127.0.0.1:${port}/config.git`
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
