// `node pgboss.mjs URL`: pg-boss behind one JSON command per line: {"fill": N}, or {"workers": N, "seconds": S}.
import { createInterface } from "node:readline"
import PgBoss from "pg-boss"

const QUEUE = "jobs"
const CHUNK = 1000

const boss = new PgBoss({ connectionString: process.argv[2], max: 32, supervise: false, schedule: false })
boss.on("error", (error) => { throw error })
await boss.start()
await boss.createQueue(QUEUE)
let waiting = 0

async function fill(jobs) {
  for (; waiting < jobs; waiting += Math.min(CHUNK, jobs - waiting)) {
    await boss.insert(Array.from({ length: Math.min(CHUNK, jobs - waiting) }, () => ({ name: QUEUE, data: {} })))
  }
  await boss.getDb().executeSql("ANALYZE")
  return {}
}

async function run(workers, seconds) {
  const took = []
  const begun = performance.now()
  await Promise.all(Array.from({ length: workers }, async () => {
    for (let start; (start = performance.now()) < begun + seconds * 1000;) {
      const [job] = await boss.fetch(QUEUE)
      if (!job) return
      waiting -= 1
      await boss.complete(QUEUE, job.id)
      took.push((performance.now() - start) / 1000)
    }
  }))
  return { took, seconds: (performance.now() - begun) / 1000 }
}

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line)
  const result = "fill" in command ? await fill(command.fill) : await run(command.workers, command.seconds)
  console.log(JSON.stringify(result))
}
