// Holds the brokers that test files share. Each is started when a test first asks for it, so that a run which needs none
// pays nothing, and is stopped after the last test file. Test files run in processes of their own, hence the HTTP port.

import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import type { KafkaAddresses } from './kafka.js'
import type { RabbitmqAddresses } from './rabbitmq.js'

/** What a shared broker tells about itself. */
export interface SharedAddresses {
  readonly kafka: KafkaAddresses
  readonly rabbitmq: RabbitmqAddresses
}

declare module 'vitest' {
  interface ProvidedContext {
    /** Where shared brokers are asked for, and the file that tells what was skipped for want of a program. */
    services: { readonly url: string; readonly skipped: string }
  }
}

interface Broker {
  readonly addresses: unknown
  close(): Promise<void>
}

// Loaded when they are asked for.
const start: Readonly<Record<keyof SharedAddresses, () => Promise<Broker>>> = {
  kafka: async () => (await import('./kafka.js')).Kafka.start(),
  rabbitmq: async () => (await import('./rabbitmq.js')).Rabbitmq.start(),
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'callboard-services-'))
  const skipped = join(folder, 'skipped')
  const started = new Map<string, Promise<Broker>>()

  const addressesOf = async (name: string): Promise<unknown> => {
    const starting = started.get(name) ?? start[name as keyof SharedAddresses]()
    started.set(name, starting)
    return (await starting).addresses
  }
  const server = createServer((request, response) => {
    const answer = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    addressesOf(request.url?.slice(1) ?? '').then(
      (addresses) => answer(200, addresses),
      (error: unknown) => answer(500, String(error)),
    )
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  server.unref()
  project.provide('services', { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, skipped })

  return async () => {
    server.close()
    server.closeAllConnections()
    await Promise.allSettled([...started.values()].map(async (starting) => (await starting).close()))
    tellSkipped(skipped)
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A skipped test is easily overlooked; why, and what to do, is said once, after everything. */
function tellSkipped(file: string): void {
  const lines = new Set(readIfThere(file).split('\n').filter(Boolean))
  if (lines.size === 0) return
  console.warn(
    `\nSkipped for want of what they need:\n${[...lines]
      .sort()
      .map((line) => `  ${line}\n`)
      .join('')}`,
  )
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
