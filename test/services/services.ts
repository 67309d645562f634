// Brokers for tests. `test/services/install` installs all that they need. Where something is missing, what needs it is
// skipped, and the run says so at its end; with CALLBOARD_TEST_REQUIRE_ALL it fails instead.
//
//   describeWith(['kafka', 'kcat'], 'a Kafka delivery', () => {
//     it('reaches the topic', async () => {
//       const { plaintext } = await kafka()              // one for the whole run, started by whoever asks first
//       const topic = await createTopic(plaintext)       // has a name of its own; using a topic does not make it
//       …
//       const [message] = await readTopic(plaintext, topic, 1)
//     })
//   })
//
//   describeWith(['own kafka'], 'a Kafka delivery', () => {
//     it('is sent over TLS', async () => {
//       const { saslSsl, ca } = await ownKafka()         // the same one, with all its listeners; users: kafkaUsers
//       …
//     it('outlives the broker', async () => {
//       const broker = await privateKafka()              // this test's alone, closed when the test ends
//       await broker.kill()                              // or stop(); both keep the data
//       await broker.start()                             // on the same ports
//
// In beforeAll: privateKafka({}, afterAll). rabbitmq(), ownRabbitmq() and privateRabbitmq() are the same for RabbitMQ. What
// is declared in a broker that others use wants a name of its own: uniqueName('orders').
//
// With CALLBOARD_TEST_KAFKA=host:port,… (no TLS, no login) and CALLBOARD_TEST_RABBITMQ=amqp://user:password@host:port/vhost,
// kafka() and rabbitmq() are those brokers, where tests leave their topics behind. What only a broker of our own can do,
// such as TLS, logins, and being stopped, is asked of ownKafka() and privateKafka(), which never are.
//
// makeCertificates(folder).ca (certificates.ts) is an authority that no broker's certificate is by; MockKafka (kcat.ts) is a
// small Kafka without Java; `node test/services/run.mjs kafka rabbitmq` starts both brokers for anything that is no test.

import { randomBytes } from 'node:crypto'
import { appendFileSync } from 'node:fs'
import { relative } from 'node:path'
import { describe, expect, inject, it, onTestFinished } from 'vitest'
import type { SharedAddresses } from './global-setup.js'
import { Kafka, type KafkaAddresses, type KafkaOptions, kafkaMissing } from './kafka.js'
import { kcatMissing } from './kcat.js'
import { Rabbitmq, type RabbitmqAddresses, type RabbitmqOptions, rabbitmqMissing } from './rabbitmq.js'
import { gpgMissing, sshKeygenMissing } from './signing.js'
import { Sshd, sshdMissing } from './sshd.js'

const given = {
  kafka: process.env.CALLBOARD_TEST_KAFKA || undefined,
  rabbitmq: process.env.CALLBOARD_TEST_RABBITMQ || undefined,
}

// Each says why it is not to be had, or undefined when it is.
const services = {
  kafka: () => (given.kafka === undefined ? kafkaMissing() : undefined),
  'own kafka': kafkaMissing,
  rabbitmq: () => (given.rabbitmq === undefined ? rabbitmqMissing() : undefined),
  'own rabbitmq': rabbitmqMissing,
  kcat: kcatMissing,
  sshd: sshdMissing,
  'ssh-keygen': sshKeygenMissing,
  gpg: gpgMissing,
} as const satisfies Record<string, () => string | undefined>

export type Service = keyof typeof services

type Cleanup = (done: () => Promise<void>) => void

/** Why tests that need these must be skipped, or undefined when nothing is missing. */
export function missing(...needs: readonly Service[]): string | undefined {
  const reasons = needs.map((need) => services[need]()).filter((reason) => reason !== undefined)
  return reasons.length === 0 ? undefined : [...new Set(reasons)].join('; ')
}

/** Like `describe`, for tests that need brokers; skipped, or failed, where they are missing. Starts none. */
export function describeWith(needs: readonly Service[], name: string, tests: () => void): void {
  const reason = missing(...needs)
  if (reason === undefined) {
    describe(name, tests)
    return
  }
  const file = relative(process.cwd(), expect.getState().testPath ?? '')
  appendFileSync(inject('services').skipped, `${file}: ${reason}; test/services/install installs it\n`)
  if (process.env.CALLBOARD_TEST_REQUIRE_ALL === undefined) {
    describe.skip(`${name} (skipped: ${reason})`, tests)
    return
  }
  describe(name, () => {
    it('has the services that it needs', () => {
      throw new Error(`${reason}; test/services/install installs it`)
    })
  })
}

/** A Kafka to use: without TLS and login, as `host:port,…`. */
export async function kafka(): Promise<Pick<KafkaAddresses, 'plaintext'>> {
  return given.kafka === undefined ? ownKafka() : { plaintext: given.kafka }
}

/** The Kafka that all test files share. */
export function ownKafka(): Promise<KafkaAddresses> {
  return shared('kafka')
}

export function privateKafka(options: KafkaOptions = {}, cleanup: Cleanup = onTestFinished): Promise<Kafka> {
  return closed(Kafka.start(options), cleanup)
}

/** A RabbitMQ to use: without TLS. */
export async function rabbitmq(): Promise<Pick<RabbitmqAddresses, 'url'>> {
  return given.rabbitmq === undefined ? ownRabbitmq() : { url: given.rabbitmq }
}

/** The RabbitMQ that all test files share. */
export function ownRabbitmq(): Promise<RabbitmqAddresses> {
  return shared('rabbitmq')
}

export function privateRabbitmq(options: RabbitmqOptions = {}, cleanup: Cleanup = onTestFinished): Promise<Rabbitmq> {
  return closed(Rabbitmq.start(options), cleanup)
}

/** A server for ssh of this test's own, closed when the test ends. */
export function privateSshd(cleanup: Cleanup = onTestFinished): Promise<Sshd> {
  return closed(Sshd.start(), cleanup)
}

/** For what one test declares in a broker that others use too. */
export function uniqueName(what: string): string {
  return `${what}-${randomBytes(6).toString('hex')}`
}

async function shared<Name extends keyof SharedAddresses>(name: Name): Promise<SharedAddresses[Name]> {
  const response = await fetch(`${inject('services').url}/${name}`)
  if (!response.ok) throw new Error(await response.text())
  return response.json() as Promise<SharedAddresses[Name]>
}

async function closed<Broker extends { close(): Promise<void> }>(
  starting: Promise<Broker>,
  cleanup: Cleanup,
): Promise<Broker> {
  const broker = await starting
  cleanup(() => broker.close())
  return broker
}
