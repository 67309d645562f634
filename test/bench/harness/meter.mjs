// Loaded before a measured program: tells the benchmark, when asked, what the process has used so far.
import { isMainThread } from 'node:worker_threads'

if (isMainThread && process.send !== undefined) {
  process.on('message', (message) => {
    if (message !== 'meter') return
    const { user, system } = process.cpuUsage()
    const { maxRSS } = process.resourceUsage()
    process.send({ meter: { cpuMicros: user + system, rssBytes: process.memoryUsage.rss(), peakBytes: maxRSS * 1024 } })
  })
  // Nothing measured outlives the benchmark, however that ends.
  process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'))
  // Asking must not keep a program alive that is done.
  process.channel?.unref()
}
