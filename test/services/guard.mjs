// Runs a command for as long as the process that started this one lives, however that one ends:
//
//   node guard.mjs FOLDER COMMAND ARG…
//
// The standard input is a pipe that nothing is written to. When it closes, the command and all that it started are
// killed, and FOLDER with their data is removed, unless it is ''. SIGTERM is handed on to the command alone, which may then
// take its time; SIGUSR2 kills everything and leaves the data.
// A process of its own because nothing inside a process can act once that process was killed.
import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'

const [folder, command, ...args] = process.argv.slice(2)
let child
let abandoned = false

function killAll() {
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // Nothing of it is left.
  }
}

function abandon() {
  abandoned = true
  killAll()
}

// All of this before there is a command that could outlive this process.
process.on('SIGTERM', () => child.kill('SIGTERM'))
process.on('SIGUSR2', killAll)
// Ctrl+C goes to the whole terminal: the process that started this one decides when the command ends.
process.on('SIGINT', () => {})
process.stdin.on('end', abandon).on('close', abandon).on('error', abandon).resume()

child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], detached: true })
child.on('error', (error) => {
  console.error(error.message)
  process.exit(127)
})
child.on('exit', (code) => {
  // What it left behind.
  killAll()
  if (abandoned && folder !== '') rmSync(folder, { recursive: true, force: true, maxRetries: 20 })
  process.exit(code ?? 1)
})
