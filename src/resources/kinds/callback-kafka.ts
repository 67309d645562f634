// Callbacks of type kafka.

import { compiledText, compileMessage, type DeclaredCallback, warnOfIdHeader } from './callback-message.js'
import type { KafkaCallback, KafkaLogin, TextProgram } from './callback-program.js'
import type { Linking } from './linking.js'
import { constantText } from './mock-response.js'
import { impossiblePort } from './port.js'

const defaultPort = 9092
/** The content type is left out when it is rendered: until then it says what the body is. */
const nothing: ReadonlySet<string> = new Set()

export function compileKafka(spec: DeclaredCallback, at: string, linking: Linking): KafkaCallback {
  // Without brokers and topic it did not pass validation.
  const { kafkaBrokers = '', kafkaTopic = '', kafkaKey = '' } = spec
  const message = compileMessage(spec, at, linking, nothing, 'utf8')
  warnOfIdHeader(spec, at, 'takes the place of the id by which receivers tell duplicates', linking)
  const brokers = compileBrokers(kafkaBrokers, `${at}/kafkaBrokers`, linking)
  const topic = compiledText(kafkaTopic, `${at}/kafkaTopic`, linking)
  const constant = constantText(topic)
  // What is wrong with an expression has been said.
  const wrong = constant === undefined || kafkaTopic.includes('$.') ? undefined : topicProblem(constant)
  if (wrong !== undefined) linking.error(`${at}/kafkaTopic`, 'kafka-topic', `${JSON.stringify(constant)} ${wrong}`)
  return {
    type: 'kafka',
    brokers,
    topic,
    key: kafkaKey === '' ? undefined : compiledText(kafkaKey, `${at}/kafkaKey`, linking),
    login: compileLogin(spec, at, linking),
    tls: compileTls(spec, at, linking),
    ...message,
  }
}

/** What keeps a text from being the name of a topic; undefined when nothing does. */
export function topicProblem(text: string): string | undefined {
  if (text === '.' || text === '..') return 'cannot be the name of a topic'
  if (/^[\w.-]{1,249}$/.test(text)) return undefined
  return 'cannot be the name of a topic: it has 1 to 249 letters, digits, ".", "_" or "-"'
}

function compileBrokers(text: string, pointer: string, linking: Linking): readonly string[] {
  const { brokers, wrong } = readBrokers(text)
  for (const one of wrong) {
    const hint = impossiblePort(one) ?? 'write host:port, several separated by commas: kafka1:9092,kafka2:9092'
    linking.error(pointer, 'kafka-brokers', `${JSON.stringify(one)} is not the address of a broker`, hint)
  }
  if (brokers.length + wrong.length === 0) {
    linking.error(pointer, 'kafka-brokers', 'no broker is named', 'write host:port, such as kafka:9092')
  }
  return brokers
}

/** Addresses separated by commas, as `host:port`, each once; `wrong` are those that are none. */
export function readBrokers(text: string): { readonly brokers: readonly string[]; readonly wrong: readonly string[] } {
  const brokers = new Set<string>()
  const wrong: string[] = []
  for (const one of text.split(',').map((part) => part.trim())) {
    if (one === '') continue
    const broker = readBroker(one)
    if (broker === undefined) wrong.push(one)
    else brokers.add(broker)
  }
  return { brokers: [...brokers], wrong }
}

/** `host:port` of a broker as declared; undefined when it is none. */
function readBroker(text: string): string | undefined {
  const found = /^(\[[\da-f:.]+\]|[^\s:/@[\]$]+)(?::(\d{1,5}))?$/i.exec(text)
  if (found === null) return undefined
  const [, host = '', port = String(defaultPort)] = found
  return Number(port) >= 1 && Number(port) <= 65_535 ? `${host.toLowerCase()}:${Number(port)}` : undefined
}

function compileLogin(spec: DeclaredCallback, at: string, linking: Linking): KafkaLogin | undefined {
  const { kafkaUseSASL, kafkaSaslMechanism = 'plain', kafkaUsername = '', kafkaPassword } = spec
  if (kafkaUseSASL !== true) {
    if (kafkaUsername !== '' || kafkaPassword !== undefined) {
      const message = 'without kafkaUseSASL: true, the user name and the password are not used'
      const given = kafkaUsername !== '' ? 'kafkaUsername' : 'kafkaPassword'
      linking.warning(`${at}/${given}`, 'kafka-login', message, 'add kafkaUseSASL: true, or remove them')
    }
    return undefined
  }
  if (kafkaUsername === '') {
    linking.error(`${at}/kafkaUsername`, 'kafka-login', 'kafkaUseSASL needs a user name, and this one is empty')
  }
  const password: TextProgram =
    typeof kafkaPassword === 'object'
      ? { kind: 'secret', place: kafkaPassword }
      : { kind: 'literal', text: kafkaPassword ?? '' }
  return { mechanism: kafkaSaslMechanism, username: kafkaUsername, password }
}

function compileTls(spec: DeclaredCallback, at: string, linking: Linking): KafkaCallback['tls'] {
  const { kafkaUseTLS, kafkaCa } = spec
  if (kafkaUseTLS === true) return kafkaCa === undefined ? {} : { ca: kafkaCa }
  if (kafkaCa !== undefined) {
    const message = 'without kafkaUseTLS: true, the connection is not encrypted and this authority is not used'
    linking.warning(`${at}/kafkaCa`, 'kafka-tls', message, 'add kafkaUseTLS: true, or remove it')
  }
  return undefined
}
