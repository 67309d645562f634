#!/usr/bin/env node
import { exitCodes } from './command.js'
import { Interrupt, onHangup } from './interrupt.js'
import { runCli } from './program.js'

const interrupt = new Interrupt(process)
// A reader that has seen enough (`| head`) is no error: what goes on by itself ends as if it had been asked to.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (!isGone(error)) throw error
  if (!interrupt.abort()) process.exit(process.exitCode ?? exitCodes.clean)
})
// Nobody is there any more who could read what went wrong.
process.stderr.on('error', (error: NodeJS.ErrnoException) => {
  if (!isGone(error)) throw error
})

await runCli(process.argv.slice(2), {
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
  isTerminal: process.stdout.isTTY === true,
  isErrorTerminal: process.stderr.isTTY === true,
  env: process.env,
  exit: (code) => {
    process.exitCode = code
  },
  get signal() {
    return interrupt.signal
  },
  onHangup: (look) => onHangup(process, look, interrupt),
})
// Work that was given up, such as a first load, may still be under way. All that had to be written down is.
if (interrupt.isAborted) process.exit()

/** EIO: the terminal was closed. */
function isGone({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EPIPE' || code === 'EIO'
}
