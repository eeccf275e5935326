// Reads one simulation a line, prints one decision a line. A program of its own, for tests only.
import { runSimulation } from '@cloud-copilot/iam-simulate'
import { readFileSync } from 'node:fs'

for (const line of readFileSync(0, 'utf8').split('\n').filter(Boolean)) {
  const answer = await runSimulation(JSON.parse(line), {})
  const failed = answer.resultType === 'error'
  const result = failed ? answer : (answer.overallResult ?? answer.analysis?.result)
  console.log(JSON.stringify(result ?? null))
}
