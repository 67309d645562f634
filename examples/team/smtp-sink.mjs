// A mail server that shows what it gets and passes nothing on: `node examples/team/smtp-sink.mjs [port]`, 2525 by default.
import { SMTPServer } from 'smtp-server'

const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS', 'AUTH'],
  onData(stream, { envelope }, done) {
    const chunks = []
    stream.on('data', (chunk) => chunks.push(chunk))
    stream.on('end', () => {
      const [head] = Buffer.concat(chunks).toString('utf8').split('\r\n\r\n', 1)
      const to = envelope.rcptTo.map(({ address }) => address).join(', ')
      console.log(`to ${to}: ${subjectIn(head)}`)
      done()
    })
  },
})
server.on('error', ({ message }) => {
  console.error(message)
  process.exitCode = 1
})
server.listen(Number(process.argv[2] ?? 2525), '127.0.0.1', () => {
  console.log(`mail to 127.0.0.1:${server.server.address().port} is shown here`)
})

/** Lines are folded, and what is not ASCII is in words of RFC 2047. */
function subjectIn(head) {
  const [, subject = '(none)'] = /^Subject: (.*)$/im.exec(head.replace(/\r\n[ \t]+/g, ' ')) ?? []
  return subject
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?utf-8\?([bq])\?(.*?)\?=/gi, (_, kind, text) =>
      kind.toLowerCase() === 'b' ? Buffer.from(text, 'base64').toString() : quoted(text),
    )
}

function quoted(text) {
  const bytes = text
    .replaceAll('_', ' ')
    .replace(/=([0-9A-F]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString()
}
