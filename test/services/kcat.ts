// kcat, which is librdkafka and so shares nothing with kafkajs: an independent reader, and a mock of a Kafka cluster.

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { findCommand, ServiceProcess } from './service-process.js'

/** A message as its bytes; what was sent as null is null. */
export interface ReadMessage {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** Milliseconds since 1970. */
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  /** In the order of the message. A name may come more than once. */
  readonly headers: readonly (readonly [name: string, value: Buffer | null])[]
}

/** Settings of librdkafka: `{ 'security.protocol': 'sasl_ssl', 'ssl.ca.location': caFile, … }`. */
export type KcatSettings = Readonly<Record<string, string>>

// Not the settings of whoever runs the tests.
const env = { ...process.env, KCAT_CONFIG: '/dev/null' }

/** Why kcat cannot be used here, or undefined when it can. */
export function kcatMissing(): string | undefined {
  return findCommand('kcat') === undefined ? 'there is no kcat command' : undefined
}

/** The first `count` messages of a topic, by partition and offset; an error when there are not as many within the time. */
export async function readTopic(
  servers: string,
  topic: string,
  count: number,
  { settings = {}, withinMs = 20_000 }: { settings?: KcatSettings; withinMs?: number } = {},
): Promise<ReadMessage[]> {
  try {
    return await read(servers, topic, ['-c', String(count)], settings, withinMs)
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: Buffer; stderr?: Buffer }
    const found = stdout === undefined ? 0 : messages(stdout).length
    throw new Error(`kcat read ${found} of ${count} messages of ${topic}: ${stderr?.toString('utf8') || String(error)}`)
  }
}

/** All that is in a topic now. */
export function readWholeTopic(servers: string, topic: string, settings: KcatSettings = {}): Promise<ReadMessage[]> {
  return read(servers, topic, ['-e'], settings)
}

async function read(
  servers: string,
  topic: string,
  until: readonly string[],
  settings: KcatSettings,
  timeout = 60_000,
): Promise<ReadMessage[]> {
  const args = ['-b', servers, ...asArguments(settings), '-C', '-t', topic, '-o', 'beginning', ...until, '-q', '-J']
  const options = { encoding: 'buffer', timeout, maxBuffer: 1024 ** 3, env } as const
  const { stdout } = await promisify(execFile)('kcat', args, options)
  return messages(stdout).sort((a, b) => a.partition - b.partition || a.offset - b.offset)
}

/**
 * librdkafka's own broker, in memory and there at once, for a quick check of the protocol without Java. Topics are made
 * by using them, with four partitions. Idempotent producers, logins, TLS and limits are beyond it. `readTopic` reads it.
 */
export class MockKafka {
  readonly plaintext: string
  readonly #process: ServiceProcess

  private constructor(plaintext: string, mock: ServiceProcess) {
    this.plaintext = plaintext
    this.#process = mock
  }

  static async start(): Promise<MockKafka> {
    const ready = /bootstrap\.servers .* replaced with (\S+)\n/
    const args = ['-b', 'mock', '-X', 'test.mock.num.brokers=1', '-C', '-t', 'none', '-o', 'end', '-q']
    const mock = await ServiceProcess.start({ name: 'The mock cluster of kcat', command: 'kcat', args, env, ready })
    return new MockKafka(ready.exec(mock.log)?.[1] ?? '', mock)
  }

  async close(): Promise<void> {
    await this.#process.kill()
  }
}

interface Line {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly ts: number
  readonly key: string | null
  readonly payload: string | null
  readonly headers?: readonly (string | null)[]
}

/** kcat writes bytes into its JSON as they are, so that what reads as Latin-1 gives them back. */
function messages(output: Buffer): ReadMessage[] {
  const lines = output.toString('latin1').split('\n').filter(Boolean)
  return lines.map((text) => {
    const { topic, partition, offset, ts, key, payload, headers = [] } = JSON.parse(text) as Line
    const pairs = headers.flatMap((name, at) =>
      at % 2 === 0 ? [[bytes(name)?.toString('utf8') ?? '', bytes(headers[at + 1] ?? null)] as const] : [],
    )
    return { topic, partition, offset, timestamp: ts, key: bytes(key), value: bytes(payload), headers: pairs }
  })
}

function bytes(text: string | null): Buffer | null {
  return text === null ? null : Buffer.from(text, 'latin1')
}

function asArguments(settings: KcatSettings): string[] {
  return Object.entries(settings).flatMap(([name, value]) => ['-X', `${name}=${value}`])
}
