#!/usr/bin/env node
// Starts brokers as the tests do, for trying things by hand and for programs that are no tests:
//
//   node test/services/run.mjs kafka rabbitmq
//
// Prints one line of JSON with their addresses, and runs until it is interrupted or its standard input ends.
import { runnerImport } from 'vite'

const load = async (file) => (await runnerImport(new URL(file, import.meta.url).pathname)).module
const services = {
  kafka: async () => (await load('kafka.ts')).Kafka.start(),
  rabbitmq: async () => (await load('rabbitmq.ts')).Rabbitmq.start(),
}

const names = process.argv.slice(2)
const unknown = names.filter((name) => !Object.hasOwn(services, name))
if (names.length === 0 || unknown.length > 0) {
  console.error(`${unknown.length > 0 ? `there is no ${unknown.join(', ')}; ` : ''}usage: run.mjs kafka|rabbitmq …`)
  process.exit(2)
}

const brokers = await Promise.all(names.map((name) => services[name]()))
async function end() {
  await Promise.all(brokers.map((broker) => broker.close()))
  process.exit(0)
}
process.on('SIGINT', end).on('SIGTERM', end)
process.stdin.on('end', end).resume()
console.log(JSON.stringify(Object.fromEntries(names.map((name, index) => [name, brokers[index].addresses]))))
