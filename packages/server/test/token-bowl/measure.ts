// Loaded into a server under test: on SIGUSR2 it collects garbage and prints how much memory it has.

process.on('SIGUSR2', () => {
  for (let round = 0; round < 3; round++) globalThis.gc?.()
  process.stdout.write(`${JSON.stringify({ rss: process.memoryUsage.rss() })}\n`)
})
