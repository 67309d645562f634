import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseRabbitUrl } from '../../../src/resources/kinds/rabbitmq-url.js'

describe('parseRabbitUrl', () => {
  it.each([
    ['amqp://guest:guest@localhost:5672/', 'amqp://guest@localhost:5672/'],
    ['amqp://localhost', 'amqp://guest@localhost:5672/'],
    ['AMQP://LocalHost:5672', 'amqp://guest@localhost:5672/'],
    ['amqps://u:p@h.example/', 'amqps://u@h.example:5671/'],
    ['amqp://u@h/%2F', 'amqp://u@h:5672/'],
    ['amqp://u@h/%2f', 'amqp://u@h:5672/'],
    ['amqp://u@h/shop', 'amqp://u@h:5672/shop'],
    ['amqp://u@h/orders%2Feu%201', 'amqp://u@h:5672/orders%2Feu%201'],
    ['amqp://u@h/a/b', 'amqp://u@h:5672/a%2Fb'],
    ['amqp://u@[::1]:5673/', 'amqp://u@[::1]:5673/'],
    ['amqp://a%40b:p@h/', 'amqp://a%40b@h:5672/'],
  ])('%s is known as %s', (url, name) => {
    expect(parseRabbitUrl(url)?.name).toBe(name)
  })

  it('takes a text apart', () => {
    expect(parseRabbitUrl('amqps://al%3Ai:p%40ss%2Fw%25@[::1]/eu%201?heartbeat=7&verify=no&heartbeat=8')).toEqual({
      tls: true,
      host: '::1',
      port: 5671,
      username: 'al:i',
      password: 'p@ss/w%',
      vhost: 'eu 1',
      heartbeat: 7,
      unread: ['verify'],
      name: 'amqps://al%3Ai@[::1]:5671/eu%201',
    })
  })

  it('logs in as guest only where neither user nor password is given', () => {
    expect(parseRabbitUrl('amqp://h/')).toMatchObject({ username: 'guest', password: 'guest' })
    expect(parseRabbitUrl('amqp://u@h/')).toMatchObject({ username: 'u', password: '' })
    expect(parseRabbitUrl('amqp://:p@h/')).toMatchObject({ username: '', password: 'p' })
  })

  it.each(['-1', '1.5', 'x', '70000'])('does not take %s for a heartbeat', (value) => {
    expect(parseRabbitUrl(`amqp://h/?heartbeat=${value}`)).toMatchObject({
      heartbeat: undefined,
      unread: ['heartbeat'],
    })
  })

  it.each(['', 'localhost:5672', 'http://h/', 'amqp://', 'amqp:///x', 'amqp:h', 'amqp://h:99999/', 'rabbit'])(
    '%s is none',
    (text) => {
      expect(parseRabbitUrl(text)).toBeUndefined()
    },
  )

  it('finds again whatever was encoded, and never shows the password', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1 })
    fc.assert(
      fc.property(text, text, text, (username, password, vhost) => {
        const [user, pass, host] = [username, password, vhost].map(encodeURIComponent)
        const endpoint = parseRabbitUrl(`amqp://${user}:${pass}@broker/${host}`)
        expect(endpoint).toMatchObject({ username, password })
        // A path is tidied up where dots stand alone in it.
        if (!/^\.{1,2}$/.test(vhost)) expect(endpoint?.vhost).toBe(vhost)
        expect(parseRabbitUrl(`amqp://${user}:other@broker/${host}`)?.name).toBe(endpoint?.name)
      }),
    )
  })
})
